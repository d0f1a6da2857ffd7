/** Loads a script of the site. Scripts, not fetch: pages opened from a folder may load those. */
export function loadScript(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), {
      src: address,
      onload: () => resolve(),
      onerror: () => reject(new Error(`${address} cannot be loaded.`)),
    });
    document.head.append(script);
  });
}
