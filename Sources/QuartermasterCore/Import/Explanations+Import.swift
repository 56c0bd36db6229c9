public import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of mappings, of schemas that come from elsewhere, and of formatting.
  public static let files: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "import/form",
      text:
        "A source of a mapping has a `file`, one of `class`, `set` and `signal`, and for a record its `id`; its values are "
        + "texts or formulas.",
      wrong: "- file: products.csv\n  class: Product",
      right: "- file: products.csv\n  class: Product\n  id: p${row.ProductID}"),
    DiagnosticExplanation(
      code: "import/unknown-key", text: "A source of a mapping has no key of this name.",
      wrong: "field: {name: \"${row.Name}\"}", right: "fields: {name: \"${row.Name}\"}"),
    DiagnosticExplanation(
      code: "import/unknown-class", text: "The schema has no class of this name.",
      wrong: "class: Prodct", right: "class: Product"),
    DiagnosticExplanation(
      code: "import/unknown-signal", text: "The schema declares no signal of this name.",
      wrong: "signal: close-dya", right: "signal: close-day"),
    DiagnosticExplanation(
      code: "import/unknown-field", text: "The class, or the signal, has no field of this name.",
      wrong: "fields: {nmae: \"${row.Name}\"}", right: "fields: {name: \"${row.Name}\"}"),
    DiagnosticExplanation(
      code: "import/unknown-column", text: "The header of the CSV file has no column of this name.",
      wrong: "id: p${row.ProductId}", right: "id: p${row.ProductID}"),
    DiagnosticExplanation(
      code: "import/no-file",
      text: "A file of the mapping is neither in the folder of `--data` nor beside the mapping.",
      wrong: "file: product.csv", right: "file: products.csv"),
    DiagnosticExplanation(
      code: "import/csv",
      text:
        "A file cannot be used at all: it has no header, a column twice, or it is joined and a row of it cannot be read. A bad "
        + "row of another file is refused alone.",
      wrong: "no,name,name", right: "no,name,title"),
    DiagnosticExplanation(
      code: "import/json", text: "A description of classes is no JSON.",
      wrong: "{\"classes\": [,]}", right: "{\"classes\": []}"),
    DiagnosticExplanation(
      code: "import/schema",
      text:
        "A description of classes has a list of them, each with `className` and `fields`, each field with a `type`.",
      wrong: "[{\"name\": \"Order\"}]",
      right: "[{\"className\": \"Order\", \"fields\": {\"status\": {\"type\": \"String\"}}}]"),
    DiagnosticExplanation(
      code: "format/meaning",
      text:
        "The file was left as it is, because written in the common form it would not mean the same. What is unusual in it is "
        + "written in a plainer way by hand.",
      wrong: "? rule\n: low-stock", right: "rule: low-stock"),
  ]
}
