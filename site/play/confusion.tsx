// Which classes are taken for which, of the rows held out.

/** Rows are the truth, columns the answers; what is right stands on the diagonal. */
export function Confusion({ counts }: { counts: readonly (readonly number[])[] }) {
  const most = Math.max(1, ...counts.flat());
  return (
    <details class="confusion" open={counts.length > 2}>
      <summary>What it takes for what</summary>
      <table>
        <caption class="sr">Held out rows: the class that each is, by the class that is answered</caption>
        <thead>
          <tr>
            <td>is \ answer</td>
            {counts.map((_, c) => (
              <th key={c} scope="col">
                {c}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, truth) => (
            <tr key={truth}>
              <th scope="row">{truth}</th>
              {row.map((count, c) => (
                <td
                  key={c}
                  class={c === truth ? 'right' : count > 0 ? 'wrong' : ''}
                  style={{ '--share': `${Math.round((60 * count) / most)}%` }}
                >
                  {count}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
