package modelpatch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.engine.Device;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.CrewPieces;
import modelpatch.evaluate.Crews;
import modelpatch.evaluate.KeptPieces;
import modelpatch.evaluate.Pieces;
import modelpatch.guard.PatchedModel;
import picocli.CommandLine.Option;

/** Which machines do the pieces of long work, and whether earlier ones are kept. */
final class ClusterOptions {
    private static final String KEPT = ".kept";

    @Option(
            names = "--resume",
            description =
                    "go on with the same work where an earlier run of it was ended, by Ctrl-C or otherwise; what it did is kept in"
                            + " findings/.kept until it is done")
    boolean resume;

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

    /** What was kept of the work with this name, or nothing where it begins anew. */
    KeptPieces kept(String key, Subcommand command) {
        KeptPieces pieces =
                new KeptPieces(FindingsOptions.DIRECTORY.resolve(KEPT).resolve(key));
        if (!resume) {
            pieces.forget();
        } else if (pieces.count() == 0) {
            command.remark("--resume: nothing is kept of this model, these questions and options; it begins anew");
        } else {
            command.remark("going on with " + pieces.count() + " pieces that are kept");
        }
        return pieces;
    }

    /** @param because why the command does not work in pieces as it was called */
    void requireNone(String because) {
        if (resume || cluster != null || settings != null) {
            throw new BadInput(
                    "nothing to resume or to share",
                    resume ? "--resume" : "--cluster",
                    "neither",
                    because,
                    "leave it out, or ask for the other without it");
        }
    }

    /** What goes on with work that was ended. */
    Hint again(Subcommand command) {
        return (resume ? Hint.again(command.spec) : Hint.again(command.spec).with("--resume"))
                .because("goes on where this was ended");
    }

    /** The machines that were asked for, until they are closed. */
    Helped helped(PatchedModel opened, ModelOptions model, Subcommand command) {
        if (cluster == null) {
            if (settings != null) {
                throw new BadInput(
                        "settings of no cluster",
                        "--cluster-conf " + settings,
                        "--cluster MASTER beside it",
                        "none",
                        "name the cluster, or leave the settings out");
            }
            return new Helped(Optional.empty());
        }
        if (!command.common.device.equals(Device.CPU)) {
            throw new BadInput(
                    "a GPU beside a cluster",
                    "--cluster " + cluster,
                    "--device cpu: the machines of a cluster compute on their processors",
                    "--device " + command.common.device,
                    "leave one of them out");
        }
        return new Helped(Optional.of(Crews.on(cluster, settings(), model.replica(opened, command))));
    }

    /** @param crew empty where this machine does all */
    record Helped(Optional<Crew> crew) implements AutoCloseable {
        Pieces pieces(KeptPieces kept, Subcommand command) {
            return crew.<Pieces>map(own -> new CrewPieces(kept, own, command)).orElse(kept);
        }

        @Override
        public void close() {
            crew.ifPresent(Crew::close);
        }
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
