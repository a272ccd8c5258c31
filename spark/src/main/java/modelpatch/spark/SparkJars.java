package modelpatch.spark;

import java.io.File;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The jars that Spark itself brings, by their names: those in the jars/ folder of SPARK_HOME. */
final class SparkJars {
    private static final Set<String> NAMES = names();

    private SparkJars() {}

    /** Whether every executor has a jar of this name. */
    static boolean has(String jar) {
        return NAMES.contains(jar);
    }

    private static Set<String> names() {
        String home = System.getenv("SPARK_HOME");
        String[] found = home == null ? null : new File(home, "jars").list();
        return found == null ? Set.of() : Arrays.stream(found).collect(Collectors.toUnmodifiableSet());
    }
}
