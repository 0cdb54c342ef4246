// The command line: finds the command, reads its arguments, runs it, and turns what went wrong into one line and an
// exit status: 0 done, 1 something failed, 2 wrong usage.
import App
import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

// A reader that goes away is no reason to die without a word.
signal(SIGPIPE, SIG_IGN)
let status = Program.run(Array(CommandLine.arguments.dropFirst()))
// Threads in the background may be in the middle of something: the clean-up that C libraries do at a plain exit would
// take the ground from under them, and the process would die of it after all was done well.
fflush(nil)
_exit(status)

enum Program {
  static let commands: [CommandSpec] = [
    serveCommand, addCommand, extractCommand, listCommand, showCommand, removeCommand, forgetCommand, searchCommand,
    whyNotCommand, askCommand, chatCommand, verifyCommand, replayCommand, statsCommand, doctorCommand, configCommand,
    evalCommand, reembedCommand, embedCommand, benchCommand, promptsCommand, exportTrainingCommand, keysCommand,
    reportCommand, healthCommand, mcpCommand, backupCommand, restoreCommand, exportCommand,
    importCommand,
    productsCommand, dealsCommand, manCommand, completionsCommand, workerCommand,
  ]

  static func run(_ arguments: [String]) -> Int32 {
    guard let name = arguments.first, !name.hasPrefix("-") else { return withoutCommand(arguments) }
    guard let command = commands.first(where: { $0.name == name }) else {
      let near = Nearest.word(to: name, among: commands.filter { !$0.isHidden }.map(\.name))
      return wrongUsage("there is no command '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
    }
    do {
      let parsed = try CommandParser.parse(
        Array(arguments.dropFirst()), options: command.options + CommandParser.globalOptions)
      let console = Console(isJSON: parsed.flags.contains("json"), isQuiet: parsed.flags.contains("quiet"))
      if parsed.flags.contains("help") {
        console.say(Help.command(command).trimmedEnd)
        return 0
      }
      guard parsed.positionals.count >= command.positionalMin else {
        return wrongUsage("'\(command.name)' needs \(command.arguments)", command)
      }
      if let most = command.positionalMax, parsed.positionals.count > most {
        return wrongUsage("'\(parsed.positionals[most])' is one argument too many for '\(command.name)'", command)
      }
      return try command.run(
        Invocation(
          positionals: parsed.positionals, values: parsed.values, flags: parsed.flags, console: console))
    } catch let error as UsageError {
      return wrongUsage(error.message, command)
    } catch let error as ConfigurationError where error.isWrongUsage {
      return wrongUsage(error.message, command)
    } catch {
      return failed(PlainFailure.describing(error), asJSON: arguments.contains("--json"))
    }
  }

  private static func withoutCommand(_ arguments: [String]) -> Int32 {
    let console = Console(isJSON: false, isQuiet: false)
    if arguments.contains("--version") {
      console.say("footnote \(Product.version)")
      return 0
    }
    if arguments.isEmpty || arguments.contains("--help") || arguments.contains("-h") {
      console.say(Help.overview(commands).trimmedEnd)
      return arguments.isEmpty ? 2 : 0
    }
    return wrongUsage("the command comes first: footnote COMMAND [OPTIONS]")
  }

  private static func wrongUsage(_ message: String, _ command: CommandSpec? = nil) -> Int32 {
    let help = command.map { "'footnote \($0.name) --help' tells more" } ?? "'footnote --help' lists the commands"
    Console(isJSON: false, isQuiet: false).error(PlainFailure(.usage, "usage", message, hint: help))
    return 2
  }

  private static func failed(_ failure: any Failure, asJSON: Bool) -> Int32 {
    let console = Console(isJSON: asJSON, isQuiet: false)
    if asJSON { console.say(Product.errorShape(failure).prettyText) }
    console.error(failure)
    return 1
  }
}

extension String {
  var trimmedEnd: String {
    var text = self
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }
}
