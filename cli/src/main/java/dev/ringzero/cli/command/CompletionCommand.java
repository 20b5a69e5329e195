package dev.ringzero.cli.command;

import dev.ringzero.cli.ExitStatus;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;

/** {@code rz completion}: completion for bash, made from the tables of options. */
final class CompletionCommand implements Command {
  private static final String SCRIPT =
      """
      # Completion of rz for bash: put this line into ~/.bashrc
      #   source <(rz completion)
      _rz() {
        local word=${COMP_WORDS[COMP_CWORD]} words=
        if [ "$COMP_CWORD" = 1 ]; then
          words="%s"
        else
          case ${COMP_WORDS[1]} in
      %s    esac
          case ${COMP_WORDS[COMP_CWORD-1]} in
            --kernel|--initrd|--serial) COMPREPLY=($(compgen -f -- "$word")); return ;;
            --image|show|rm|reset) words="$(rz image ls --names 2>/dev/null)" ;;
            image) words="build ls show rm reset" ;;
            --trace) words="exits interrupts instructions" ;;
          esac
        fi
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -F _rz rz ./rz
      """;

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String summary() {
    return "print completion for bash";
  }

  @Override
  public int run(CommandLine line) {
    StringBuilder cases = new StringBuilder();
    for (String name : Commands.NAMES) {
      cases
          .append("      ")
          .append(name)
          .append(") words=\"")
          .append(words(name))
          .append("\" ;;\n");
    }
    System.out.printf(SCRIPT, String.join(" ", Commands.NAMES), cases);
    return ExitStatus.OK;
  }

  private static String words(String name) {
    Command command = Commands.named(name);
    String options =
        command.options().getOptions().stream()
            .map(option -> "--" + option.getLongOpt())
            .collect(Collectors.joining(" "));
    if (List.of("start", "rm", "logs").contains(name)) {
      return options + " $(rz ls --names 2>/dev/null)";
    }
    return command.operands().contains("VM") ? options + " $(rz ps --names 2>/dev/null)" : options;
  }
}
