package modelpatch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Java machine with the classes of the tests, for what only a process of its own can show: signals and kills. */
public final class JavaProcess {
    private JavaProcess() {}

    /** A process that is not started yet. */
    public static ProcessBuilder of(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }
}
