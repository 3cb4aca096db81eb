// Streamlit's program is written for this year's engines; those of the QQ and 360 browsers are older. What it uses and
// they lack is added here, before it runs: with it Chromium 103 and later do all that today's does. The signs by which
// expressions with the flag v go beyond the flag u do not stand in the program.
try {
  new RegExp("", "v");
} catch {
  const known = (flags) => (typeof flags === "string" ? flags.replace("v", "u") : flags);
  window.RegExp = new Proxy(RegExp, {
    construct: (target, [pattern, flags], self) => Reflect.construct(target, [pattern, known(flags)], self),
    apply: (target, self, [pattern, flags]) => target(pattern, known(flags)),
  });
}
const supply = (owner, methods) => {
  for (const name of Object.keys(methods)) {
    if (name in owner) continue;
    Object.defineProperty(owner, name, { value: methods[name], writable: true, configurable: true });
  }
};
const lists = {
  toSorted(compare) { return this.slice().sort(compare); },
  toReversed() { return this.slice().reverse(); },
  with(index, value) {
    const at = index < 0 ? this.length + index : index;
    if (!(at in this)) throw new RangeError(`no place ${index}`);
    const copy = this.slice();
    copy[at] = value;
    return copy;
  },
  findLast(test, self) { return this[this.findLastIndex(test, self)]; },
  findLastIndex(test, self) {
    let at = this.length - 1;
    while (at >= 0 && !test.call(self, this[at], at, this)) at--;
    return at;
  },
};
supply(Array.prototype, lists);
supply(Object.getPrototypeOf(Int8Array.prototype), lists);
supply(Array.prototype, {
  toSpliced(...given) {
    const copy = this.slice();
    copy.splice(...given);
    return copy;
  },
});
supply(Promise, {
  withResolvers() {
    const parts = {};
    parts.promise = new this((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return parts;
  },
});
supply(Object, {
  groupBy(items, keyOf) {
    const groups = Object.create(null);
    let at = 0;
    for (const item of items) (groups[keyOf(item, at++)] ??= []).push(item);
    return groups;
  },
});
supply(Set.prototype, {
  union(other) { return new Set([...this, ...other.keys()]); },
  intersection(other) { return new Set([...this].filter((item) => other.has(item))); },
  difference(other) { return new Set([...this].filter((item) => !other.has(item))); },
  isSubsetOf(other) { return [...this].every((item) => other.has(item)); },
});
supply(AbortSignal, {
  any(signals) {
    const control = new AbortController();
    const follow = ({ target }) => control.abort(target.reason);
    for (const signal of signals) {
      if (signal.aborted) control.abort(signal.reason);
      else signal.addEventListener("abort", follow, { signal: control.signal });
    }
    return control.signal;
  },
});
supply(URL, {
  canParse(address, base) {
    try {
      return Boolean(new URL(address, base));
    } catch {
      return false;
    }
  },
});
