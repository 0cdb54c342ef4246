// Completion for shells, made from the commands' and settings' definitions: commands, their words, options, and what an
// option takes. Values that only a library knows are not completed: a shell's tab must not open one.
import App
import Base

enum Completions {
  enum Shell: String, CaseIterable { case bash, zsh, fish }

  /// What may stand in a place.
  enum Values: Equatable {
    case anything
    case files
    case folders
    case words([String])
  }

  static func script(for shell: Shell, _ commands: [CommandSpec]) -> String {
    let shown = commands.filter { !$0.isHidden }
    return switch shell {
    case .bash: bash(shown)
    case .zsh: zsh(shown)
    case .fish: fish(shown)
    }
  }

  static func values(of option: OptionSpec) -> Values {
    if !option.choices.isEmpty { return .words(option.choices) }
    if option.name == "set" { return .words(Settings.all.filter { !$0.isSecret }.map { "\($0.key)=" }) }
    return values(named: option.value ?? "")
  }

  /// Of what stands beside the options: the first word where it is one of several, files where it names some.
  static func values(of command: CommandSpec) -> Values {
    if !command.words.isEmpty { return .words(command.words) }
    let first = command.arguments.split(separator: " ").first.map(String.init) ?? ""
    guard first.contains("|") else { return values(named: command.arguments) }
    return .words(first.split(separator: "|").map(String.init))
  }

  private static func values(named name: String) -> Values {
    if name.hasPrefix("DIR") || name.hasPrefix("FOLDER") { return .folders }
    let isFile = name.hasPrefix("FILE") || name.hasPrefix("PATH") || name.contains(".") || name.contains(" FILE")
    return isFile ? .files : .anything
  }

  private static func flags(_ option: OptionSpec) -> [String] {
    ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
  }

  // MARK: bash

  private static func bash(_ commands: [CommandSpec]) -> String {
    let globals = CommandParser.globalOptions
    let first = (commands.map(\.name) + ["--help", "--version"]).joined(separator: " ")
    var script = """
      # Completion of footnote for bash: source it, or put it into bash-completion's folder as 'footnote'.
      _footnote() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
        local options= words= kind=none
        COMPREPLY=()
        if [[ $COMP_CWORD -eq 1 ]]; then
          COMPREPLY=($(compgen -W '\(first)' -- "$current"))
          return
        fi
        # bash takes --name=value apart at the sign.
        if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
        if [[ $current == = ]]; then current=; fi
        case "$command $previous" in

      """
    for command in commands {
      for option in command.options where option.value != nil {
        script += branch(flags(option).map { "'\(command.name) \($0)'" }.joined(separator: "|"), values(of: option))
      }
    }
    for option in globals where option.value != nil {
      script += branch(flags(option).map { "*' \($0)'" }.joined(separator: "|"), values(of: option))
    }
    script += "    *)\n      case $command in\n"
    for command in commands {
      let names = (command.options + globals).flatMap(flags).joined(separator: " ")
      let (kind, words) = bashKind(values(of: command))
      script += "        \(command.name)) options='\(names)' kind=\(kind) words='\(words)' ;;\n"
    }
    return script + """
            esac
            if [[ $current == -* ]]; then kind=words words=$options; fi
            # The first word of several is said once.
            if [[ $kind == words && $current != -* && $COMP_CWORD -gt 2 ]]; then kind=none; fi
            ;;
        esac
        case $kind in
          words) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
          files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
          folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        esac
        if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
      }
      complete -F _footnote footnote

      """
  }

  private static func branch(_ pattern: String, _ values: Values) -> String {
    let (kind, words) = bashKind(values)
    return "    \(pattern)) kind=\(kind) words='\(words)' ;;\n"
  }

  private static func bashKind(_ values: Values) -> (kind: String, words: String) {
    switch values {
    case .anything: ("none", "")
    case .files: ("files", "")
    case .folders: ("folders", "")
    case .words(let words): ("words", words.joined(separator: " "))
    }
  }

  // MARK: zsh

  private static func zsh(_ commands: [CommandSpec]) -> String {
    var script = """
      #compdef footnote
      # Completion of footnote for zsh: put it into a folder of $fpath as '_footnote'.
      local -a commands
      commands=(

      """
    for command in commands { script += "  \(quoted("\(command.name):\(command.summary)"))\n" }
    script += """
      )
      if (( CURRENT == 2 )); then
        _describe -t commands command commands
        return
      fi
      local command=$words[2]
      shift words
      (( CURRENT-- ))
      case $command in

      """
    for command in commands {
      var specs = (command.options + CommandParser.globalOptions).flatMap { option in
        flags(option).map { flag in zshOption(flag, option) }
      }
      switch values(of: command) {
      case .anything: break
      case .words(let words): specs.append(quoted("1: :(\(words.joined(separator: " ")))"))
      case .files: specs.append(quoted("*: :_files"))
      case .folders: specs.append(quoted("*: :_files -/"))
      }
      script += "  \(command.name))\n    _arguments \\\n"
      script += specs.map { "      \($0)" }.joined(separator: " \\\n") + "\n    ;;\n"
    }
    return script + "esac\n"
  }

  private static func zshOption(_ flag: String, _ option: OptionSpec) -> String {
    let summary = option.summary.replacing("[", with: "(").replacing("]", with: ")").replacing(":", with: "\\:")
    var spec = (option.repeats ? "*" : "") + flag
    guard let value = option.value else { return quoted("\(spec)[\(summary)]") }
    spec += flag.hasPrefix("--") ? "=[\(summary)]" : "[\(summary)]"
    let action =
      switch values(of: option) {
      case .anything: " "
      case .files: "_files"
      case .folders: "_files -/"
      case .words(let words): "(\(words.joined(separator: " ")))"
      }
    return quoted("\(spec):\(value.replacing(":", with: " ")):\(action)")
  }

  // MARK: fish

  private static func fish(_ commands: [CommandSpec]) -> String {
    var script = "# Completion of footnote for fish: put it into ~/.config/fish/completions as 'footnote.fish'.\n"
    script += "complete -c footnote -f\n"
    for command in commands {
      script += "complete -c footnote -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))\n"
      let isSeen = "-n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options { script += "complete -c footnote \(isSeen) \(fishOption(option))\n" }
      switch values(of: command) {
      case .anything: break
      case .words(let words): script += "complete -c footnote \(isSeen) -a \(quoted(words.joined(separator: " ")))\n"
      case .files, .folders: script += "complete -c footnote \(isSeen) -F\n"
      }
    }
    for option in CommandParser.globalOptions {
      script += "complete -c footnote \(fishOption(option))\n"
    }
    return script
  }

  private static func fishOption(_ option: OptionSpec) -> String {
    let short = option.short.map { " -s \($0)" } ?? ""
    let takes =
      switch option.value == nil ? nil : values(of: option) {
      case nil: ""
      case .anything: " -x"
      case .files, .folders: " -r -F"
      case .words(let words): " -x -a \(quoted(words.joined(separator: " ")))"
      }
    return "-l \(option.name)\(short)\(takes) -d \(quoted(option.summary))"
  }

  /// For the shell: in single quotes, which bash, zsh and fish end the same way.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "'\\''") + "'"
  }
}
