import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Users: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Look after users: who can log in, their passwords, roles and sessions.",
      discussion: """
        Passwords are asked for, or read from standard input as one line; they are never arguments. \
        Docs/accounts.md says how users log in.
        """,
      subcommands: [
        List.self, Add.self, Password.self, Roles.self, Sessions.self, Lock.self, Remove.self,
      ],
      defaultSubcommand: List.self)
  }
}

extension QuartermasterTool.Users {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the users with their roles, and whether they can log in.")

    @Option(help: "Only those who have this role.")
    var role: String?
    @OptionGroup var folder: FolderOption
    @Option(help: "How they are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = UsersListCommand()
      command.role = role
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a user, with a password that is asked for.",
      discussion:
        "Example: quartermaster users add ann --email ann@example.com --role manager")

    @Argument(help: "The user name.")
    var name: String
    @Option(help: "The e-mail address.")
    var email: String?
    @Option(help: "What the field `role` of the user is set to.")
    var role: String?
    @Option(name: .customLong("field"), help: "Another field, as NAME=VALUE.")
    var fields: [String] = []
    @Option(name: .customLong("grant"), help: "A role that is granted.")
    var grants: [String] = []
    @OptionGroup var folder: FolderOption
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = UsersAddCommand(name)
      command.email = email
      command.role = role
      command.fields = fields
      command.grants = grants
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Password: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the password of a user, which is asked for, and end the user's sessions.")

    @Argument(help: "The user name, or User/ID.")
    var name: String
    @OptionGroup var folder: FolderOption

    func run() { QuartermasterTool.Users.change(.password, name, folder) }
  }

  struct Roles: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which roles a user has; grant some, or take some away.")

    @Argument(help: "The user name, or User/ID.")
    var name: String
    @Option(name: .customLong("grant"), help: "A role that is granted.")
    var grants: [String] = []
    @Option(name: .customLong("take"), help: "A role that is taken away.")
    var takes: [String] = []
    @OptionGroup var folder: FolderOption
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = UsersRolesCommand(name)
      command.grants = grants
      command.takes = takes
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Sessions: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List where a user is signed in, or end sessions.",
      discussion:
        "After a backup was restored, `users sessions --end-all` ends those that it brought back.")

    @Argument(help: "The user name, or User/ID; nobody's for all users, with --end-all.")
    var name: String?
    @Option(name: .customLong("end"), help: "End this session.")
    var session: String?
    @Flag(help: "End all of them.")
    var endAll = false
    @OptionGroup var folder: FolderOption
    @Option(help: "How they are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = UsersSessionsCommand(name)
      command.session = session
      command.endsAll = endAll
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Lock: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep a user out until a new password is set, and end the user's sessions.")

    @Argument(help: "The user name, or User/ID.")
    var name: String
    @OptionGroup var folder: FolderOption

    func run() { QuartermasterTool.Users.change(.lock, name, folder) }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete a user to whom no other record points.")

    @Argument(help: "The user name, or User/ID.")
    var name: String
    @OptionGroup var folder: FolderOption

    func run() { QuartermasterTool.Users.change(.remove, name, folder) }
  }

  fileprivate static func change(
    _ action: UsersChangeCommand.Action, _ name: String, _ folder: FolderOption
  ) {
    var command = UsersChangeCommand(action, name)
    command.folder = folder.folder
    Terminal.finish(command.run(Terminal.context))
  }
}
