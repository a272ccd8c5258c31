package modelpatch.evaluate;

import java.util.Map;
import java.util.ServiceLoader;
import modelpatch.BadInput;

/** A kind of cluster whose machines can be a {@link Crew}; found by {@link ServiceLoader}. */
public interface Crews {
    /** Whether a cluster is of this kind, by the way it is named. */
    boolean know(String cluster);

    /**
     * A crew on a cluster.
     *
     * @param settings of the cluster's own, by their names there
     * @param memory bytes that a machine needs beside the Java heap, for the model that it opens
     * @throws BadInput where the cluster cannot be reached, or a setting is not understood
     */
    Crew open(String cluster, Map<String, String> settings, long memory);

    /**
     * The crew on a cluster, of whichever kind it is.
     *
     * @throws BadInput where no kind on the class path knows it
     */
    static Crew on(String cluster, Map<String, String> settings, long memory) {
        return ServiceLoader.load(Crews.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(kind -> kind.know(cluster))
                .findFirst()
                .orElseThrow(() -> unknown(cluster))
                .open(cluster, settings, memory);
    }

    private static BadInput unknown(String cluster) {
        boolean none = ServiceLoader.load(Crews.class).findFirst().isEmpty();
        return none
                ? new BadInput(
                        "no cluster can be used here",
                        "--cluster " + cluster,
                        "modelpatch-spark and Spark's jars on the class path",
                        "neither",
                        "start ./patch in a checkout, which adds them, or add both (docs/howto/cluster.md)")
                : new BadInput(
                        "unknown kind of cluster",
                        "--cluster " + cluster,
                        "local[N], local-cluster[EXECUTORS,CORES,MEGABYTES], spark://HOST:PORT, yarn or k8s://URL",
                        cluster,
                        "name a Spark master");
    }
}
