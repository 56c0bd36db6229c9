internal import Foundation
internal import QuartermasterCore
internal import QuartermasterSupply

/// `quartermaster new DIR`: a project folder that `check` and `test` pass on.
public struct NewCommand: Sendable {
  /// The folder to make.
  public var folder: String
  /// The name of the template.
  public var template = NewCommand.templates[0].name
  /// Whether the project builds on the template (`extends:`) instead of taking a copy of its files.
  public var extendsTemplate = false

  /// Creates the command for a folder.
  public init(_ folder: String) { self.folder = folder }

  /// The templates there are.
  static let templates = ProjectTemplate.all + [.minimal]

  /// The names of the templates, with what each is for.
  public static var templateList: [(name: String, summary: String)] {
    templates.map { ($0.name, $0.summary) }
  }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      guard let template = Self.templates.first(where: { $0.name == self.template }) else {
        let names = Self.templates.map(\.name).joined(separator: ", ")
        throw CommandFailure(.usage, "no template \(self.template); there are \(names)")
      }
      if extendsTemplate, ProjectTemplate.named(template.name) == nil {
        throw CommandFailure(
          .usage,
          "a project cannot build on \(template.name); take a copy of it, with --template alone")
      }
      let made = extendsTemplate ? .building(on: template.name) : template
      do { try made.write(to: folder) } catch let refusal as Refusal { throw refusal } catch {
        throw CommandFailure(.failure, "\(folder) cannot be written: \(error.localizedDescription)")
      }
      let from = extendsTemplate ? "on" : "from"
      var text = "made \(folder) \(from) the template \(template.name):\n"
      text += made.files.map { "  \($0.path)\n" }.joined()
      text += "next: cd \(folder), then `quartermaster check`, `quartermaster test`, "
      text += "`quartermaster repl`\n"
      return Reply(text)
    }
  }
}

extension ProjectTemplate {
  /// The files of a project that builds on a template.
  static func building(on name: String) -> ProjectTemplate {
    ProjectTemplate(
      name: name, summary: "A project that builds on \(name)",
      files: [
        (
          "quartermaster.yaml",
          """
          # The classes, rules and tests of this template are part of the project.
          extends: \(name)

          # Rules of the template that the project does without. One that it replaces is listed too, and written
          # anew under the same name below rules/.
          rules:
            off: []

          """
        ),
        (
          "rules/own.yaml",
          """
          # Rules of this project, beside those of the template.

          """
        ),
        (
          "schema.yaml",
          """
          # Classes of this project, and more fields for those of the template, such as
          #   Product:
          #     colour: {type: String}
          classes: {}

          """
        ),
      ])
  }

  /// One class and one rule, to begin with.
  static let minimal = ProjectTemplate(
    name: "minimal", summary: "One class, one rule and its test, to begin with",
    files: [
      (
        "quartermaster.yaml",
        """
        # Whom a group's name stands for in `notify`.
        groups:
          managers: managers@example.com
        # The zone of schedules that name none.
        zone: UTC

        """
      ),
      (
        "rules/stock.yaml",
        """
        - rule: tell-when-low
          description: Tells managers once when a product falls to its threshold
          trigger:
            saved: Product
            becomes: product.quantity <= product.threshold
          action:
            - notify: managers
              message: Only ${product.quantity} of ${product.name} left.

        - test: managers are told once, when stock falls to the threshold
          given:
            Product:
              bolt: {name: M8 bolt, quantity: 12, threshold: 10}
          do:
            - set: bolt
              quantity: 10
            - expect:
                - notified: managers
                  message: Only 10 of M8 bolt left.
            - set: bolt
              quantity: 9
          expect:
            - quiet: tell-when-low

        """
      ),
      (
        "schema.yaml",
        """
        domain: stock
        classes:
          Product:
            name: {type: String, required: true, unique: true}
            quantity: {type: Integer, default: 0}
            threshold: {type: Integer, default: 0}

        """
      ),
    ])
}
