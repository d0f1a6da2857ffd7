// JavaScript in pieces for colours: comments, texts, words of the language, numbers.

export interface Piece {
  readonly kind: 'plain' | 'comment' | 'text' | 'word' | 'number';
  readonly text: string;
}

const pattern =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?|`(?:\\[\s\S]|[^`\\])*`?)|(?<word>\b(?:break|case|class|const|continue|default|do|else|export|for|function|if|in|let|new|of|return|switch|throw|while|true|false|null|undefined)\b)|(?<number>\b\d[\w.]*)/g;

export function pieces(code: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of code.matchAll(pattern)) {
    if (match.index > from) found.push({ kind: 'plain', text: code.slice(from, match.index) });
    const [kind] = Object.entries(match.groups!).find(([, text]) => text !== undefined)! as [Piece['kind'], string];
    found.push({ kind, text: match[0] });
    from = match.index + match[0].length;
  }
  found.push({ kind: 'plain', text: `${code.slice(from)}\n` });
  return found;
}
