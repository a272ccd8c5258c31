package modelpatch.cli;

import java.util.List;
import java.util.Optional;

/** A look at arguments before they are parsed. */
final class Arguments {
    private Arguments() {}

    /** The value of an option, typed as {@code --name value} or {@code --name=value}. */
    static Optional<String> value(List<String> arguments, String option) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith(option + "=")) {
                return Optional.of(argument.substring(option.length() + 1));
            }
            if (argument.equals(option)) {
                return Optional.of(i + 1 < arguments.size() ? arguments.get(i + 1) : "");
            }
        }
        return Optional.empty();
    }
}
