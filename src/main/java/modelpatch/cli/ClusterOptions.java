package modelpatch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.engine.Device;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.Crews;
import picocli.CommandLine.Option;

/** Which machines do the pieces of long work. */
final class ClusterOptions {
    @Option(
            names = "--cluster",
            paramLabel = "MASTER",
            description =
                    "do the work on a Spark cluster: local[N], local-cluster[EXECUTORS,CORES,MEGABYTES], spark://HOST:PORT, yarn or k8s://URL;"
                            + " every node needs the model at the same path")
    String cluster;

    @Option(
            names = "--cluster-conf",
            paramLabel = "FILE",
            description = "settings of Spark, a name and a value a line, as in spark-defaults.conf")
    Path settings;

    /** Whether this machine does not do all. */
    boolean asked() {
        return cluster != null || settings != null;
    }

    /**
     * The machines that were asked for.
     *
     * @param memory bytes that each needs for a model
     */
    Crew crew(long memory, Subcommand command) {
        if (cluster == null) {
            throw new BadInput(
                    "settings of no cluster",
                    "--cluster-conf " + settings,
                    "--cluster MASTER beside it",
                    "none",
                    "name the cluster, or leave the settings out");
        }
        if (!command.common.device.equals(Device.CPU)) {
            throw new BadInput(
                    "a GPU beside a cluster",
                    "--cluster " + cluster,
                    "--device cpu: the machines of a cluster compute on their processors",
                    "--device " + command.common.device,
                    "leave one of them out");
        }
        return Crews.on(cluster, settings(), memory);
    }

    private Map<String, String> settings() {
        Map<String, String> named = new TreeMap<>();
        if (settings != null) {
            Properties read = new Properties();
            try (var in = Files.newBufferedReader(settings)) {
                read.load(in);
            } catch (IOException e) {
                throw BadInput.reading(settings, e);
            } catch (IllegalArgumentException e) {
                throw new BadInput(
                        "no settings",
                        "--cluster-conf " + settings,
                        "a name and a value a line, as in spark-defaults.conf",
                        String.valueOf(e.getMessage()),
                        "write a backslash as two");
            }
            read.stringPropertyNames()
                    .forEach(name -> named.put(name, read.getProperty(name).strip()));
        }
        return named;
    }
}
