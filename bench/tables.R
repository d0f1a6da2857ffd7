# Fourteen tables of R packages, as bench/tables.js takes them: rows in mixed order, NAME.csv and tables.json in a folder.
#
#   apt-get install r-base-core r-cran-modeldata r-cran-cardata r-cran-mass r-cran-mlbench r-cran-vim r-cran-hsaur3
#   Rscript bench/tables.R FOLDER
#   node bench/tables.js --dir FOLDER
#
# Rows without a target are left out; names that are different in every row too. Empty cells are missing.

folder <- commandArgs(trailingOnly = TRUE)[1]
dir.create(folder, showWarnings = FALSE)

#' A data set of a package, without loading the package.
get_data <- function(package, name) {
  place <- new.env()
  data(list = name, package = package, envir = place)
  as.data.frame(place[[name]])
}

tables <- list(
  boston = list("MASS", "Boston", "medv"),
  vehicle = list("mlbench", "Vehicle", "Class"),
  soybean = list("mlbench", "Soybean", "Class"),
  diabetes = list("VIM", "diabetes", "Outcome"),
  cars = list("modeldata", "car_prices", "Price"),
  titanic = list("carData", "TitanicSurvival", "survived"),
  attrition = list("modeldata", "attrition", "Attrition"),
  beps = list("carData", "BEPS", "vote"),
  forbes = list("HSAUR3", "Forbes2000", "marketvalue", c("name", "rank")),
  chile = list("carData", "Chile", "vote"),
  ames = list("modeldata", "ames", "Sale_Price"),
  wages = list("carData", "SLID", "wages"),
  stack = list("modeldata", "stackoverflow", "Remote"),
  telco = list("modeldata", "wa_churn", "churn")
)

listed <- character()
for (name in names(tables)) {
  from <- tables[[name]]
  target <- from[[3]]
  table <- get_data(from[[1]], from[[2]])
  if (length(from) > 3) table <- table[, !(names(table) %in% from[[4]])]
  table <- table[!is.na(table[[target]]), ]
  set.seed(7)
  table <- table[sample(nrow(table)), c(setdiff(names(table), target), target)]
  classes <- !is.numeric(table[[target]])
  for (column in names(table)) if (!is.numeric(table[[column]])) table[[column]] <- as.character(table[[column]])
  # Codes of classes are words, so that no reader takes them for numbers.
  if (classes) table[[target]] <- paste0("c ", table[[target]])
  write.csv(table, file.path(folder, paste0(name, ".csv")), row.names = FALSE, na = "", quote = TRUE)
  listed <- c(listed, sprintf(
    '  "%s": { "target": "%s", "task": "%s", "rows": %d, "columns": %d, "categories": %d, "missing": %d }',
    name, target, if (classes) "classification" else "regression", nrow(table), ncol(table) - 1,
    sum(sapply(table[, -ncol(table)], is.character)), sum(is.na(table))
  ))
}
writeLines(c("{", paste(listed, collapse = ",\n"), "}"), file.path(folder, "tables.json"))
