/// A macro of the language: what is written, what it means, and examples that are true.
///
/// Macros are part of the parser; a library only makes them available. This is what help and the reference say of them.
public struct MacroDeclaration: Sendable {
  /// The name, as ``CELLibrary/macros`` has it.
  public let name: String
  /// How it is written, a line for each form.
  public let forms: [String]
  /// What it does, in a sentence or two.
  public let documentation: String
  /// Expressions that are true; run as tests.
  public let examples: [String]

  init(_ name: String, _ forms: [String], _ documentation: String, _ examples: [String]) {
    self.name = name
    self.forms = forms
    self.documentation = documentation
    self.examples = examples
  }

  /// All macros, in the order of the libraries.
  public static let all: [MacroDeclaration] = [
    MacroDeclaration(
      "has", ["has(e.field)"],
      "Whether a map has a key, or a field of a record is not null. Takes a selection only.",
      ["has({'a': 1}.a)", "!has({'a': 1}.b)"]),
    MacroDeclaration(
      "all",
      ["list.all(x, condition)", "map.all(key, condition)", "list.all(index, x, condition)"],
      "Whether the condition holds for every element. One that is false decides, whatever else fails.",
      ["[1, 2].all(x, x > 0)", "![0, 2].all(x, 4 / x == 3)"]),
    MacroDeclaration(
      "exists",
      [
        "list.exists(x, condition)", "map.exists(key, condition)",
        "list.exists(index, x, condition)",
      ],
      "Whether the condition holds for some element. One that is true decides, whatever else fails.",
      ["[1, 2].exists(x, x > 1)", "{'a': 1}.exists(k, v, k == 'a' && v == 1)"]),
    MacroDeclaration(
      "exists_one", ["list.exists_one(x, condition)", "list.exists_one(index, x, condition)"],
      "Whether the condition holds for exactly one element. An error in any of them is an error.",
      ["[1, 2].exists_one(x, x > 1)"]),
    MacroDeclaration(
      "filter", ["list.filter(x, condition)", "map.filter(key, condition)"],
      "The elements, or the keys, for which the condition holds.",
      ["[1, 2, 3].filter(x, x > 1) == [2, 3]"]),
    MacroDeclaration(
      "map", ["list.map(x, result)", "list.map(x, condition, result)"],
      "The result for each element, or for each for which the condition holds.",
      ["[1, 2].map(x, x * 2) == [2, 4]", "[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]"]),
    MacroDeclaration(
      "sortBy", ["list.sortBy(x, key)"],
      "The elements in the order of a key; those with equal keys stay as they stand.",
      ["['ab', 'c'].sortBy(s, size(s)) == ['c', 'ab']"]),
    MacroDeclaration(
      "groupBy", ["list.groupBy(x, key)"],
      "A map from each key to the list of its elements, keys in the order of their first element.",
      ["[1, 2, 3].groupBy(x, x % 2) == {1: [1, 3], 0: [2]}"]),
    MacroDeclaration(
      "cel.bind", ["cel.bind(name, value, result)"],
      "The result, in which the name stands for the value. An error of the value is one where the name is used.",
      ["cel.bind(a, 'x', a + a) == 'xx'"]),
    MacroDeclaration(
      "existsOne", ["list.existsOne(x, condition)", "list.existsOne(index, x, condition)"],
      "The same as exists_one.", ["[1, 2].existsOne(i, x, x == 2)"]),
    MacroDeclaration(
      "transformList",
      ["list.transformList(index, x, result)", "map.transformList(key, value, condition, result)"],
      "A list of the result for each element or entry for which the condition, where there is one, holds.",
      ["[3, 4].transformList(i, x, i * x) == [0, 4]"]),
    MacroDeclaration(
      "transformMap",
      ["map.transformMap(key, value, result)", "list.transformMap(index, x, condition, result)"],
      "A map with the same keys (or the places of the elements) and the result for each.",
      ["{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}"]),
    MacroDeclaration(
      "transformMapEntry",
      [
        "map.transformMapEntry(key, value, {k: v})",
        "list.transformMapEntry(index, x, condition, {k: v})",
      ],
      "A map of the entries that the result has for each; two of one key are an error.",
      ["{'a': 'b'}.transformMapEntry(k, v, {v: k}) == {'b': 'a'}"]),
    MacroDeclaration(
      "optMap", ["optional.optMap(x, result)"],
      "An optional value of the result, where there is a value.",
      ["optional.of(1).optMap(x, x + 1).value() == 2"]),
    MacroDeclaration(
      "optFlatMap", ["optional.optFlatMap(x, optional)"],
      "The result, itself an optional value, where there is a value.",
      ["optional.of(1).optFlatMap(x, optional.of(x + 1)).value() == 2"]),
  ]
}
