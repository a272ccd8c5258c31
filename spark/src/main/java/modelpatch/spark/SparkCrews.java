package modelpatch.spark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.Crews;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;

/** Crews on Spark, by the name of its master. What the settings do not say is set so that an executor is one task with one model. */
public final class SparkCrews implements Crews {
    private static final Pattern HERE = Pattern.compile("local(\\[[^\\]]*\\])?");
    private static final Pattern PROCESSES_HERE = Pattern.compile("local-cluster\\[[^\\]]*\\]");
    private static final Pattern ELSEWHERE = Pattern.compile("spark://.+|yarn|k8s://.+");

    /** What decides how the engine computes and how memory is given back: executors compute as this machine does. */
    private static final List<String> ENVIRONMENT = List.of(
            "OMP_WAIT_POLICY",
            "ORT_DISABLE_TELEMETRY",
            "MALLOC_MMAP_THRESHOLD_",
            "MALLOC_TRIM_THRESHOLD_",
            "MALLOC_ARENA_MAX",
            "ATEN_CPU_CAPABILITY",
            "MKL_CBWR");

    @Override
    public boolean know(String cluster) {
        return HERE.matcher(cluster).matches()
                || PROCESSES_HERE.matcher(cluster).matches()
                || ELSEWHERE.matcher(cluster).matches();
    }

    @Override
    public Crew open(String cluster, Map<String, String> settings, long memory) {
        SparkConf conf = conf(cluster, settings, memory);
        try {
            return new SparkCrew(new JavaSparkContext(conf));
        } catch (Exception e) { // Spark throws checked ones that it does not declare
            if (e instanceof SparkException || e instanceof IllegalArgumentException) {
                throw unusable(cluster, e);
            }
            throw e;
        }
    }

    private static BadInput unusable(String cluster, Exception e) {
        return new BadInput(
                        "no cluster",
                        "--cluster " + cluster,
                        "a Spark master that can be reached",
                        String.valueOf(e.getMessage()),
                        "check the name of the master and --cluster-conf")
                .causedBy(e);
    }

    private static SparkConf conf(String cluster, Map<String, String> settings, long memory) {
        SparkConf conf = new SparkConf().setMaster(cluster).setAppName("modelpatch");
        settings.forEach(conf::set);
        conf.setIfMissing("spark.ui.enabled", "false");
        // Results are written to the disk as they come, and never lie in memory together.
        conf.setIfMissing("spark.driver.maxResultSize", "0");
        for (String name : ENVIRONMENT) {
            String value = System.getenv(name);
            if (value != null) {
                conf.setIfMissing("spark.executorEnv." + name, value);
            }
        }
        if (!ELSEWHERE.matcher(cluster).matches()) {
            conf.setIfMissing("spark.driver.host", "localhost");
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        }
        if (HERE.matcher(cluster).matches()) {
            return conf;
        }
        conf.setIfMissing("spark.executor.cores", conf.get("spark.task.cpus", "1"));
        conf.setIfMissing("spark.executor.extraJavaOptions", "-Xss4m -Dai.djl.offline=true");
        if (PROCESSES_HERE.matcher(cluster).matches()) {
            // By their paths: copied, 190 MB of jars an executor would be.
            conf.setIfMissing("spark.executor.extraClassPath", String.join(java.io.File.pathSeparator, ours()));
        } else {
            // Weights lie outside of the Java heap.
            conf.setIfMissing("spark.executor.memoryOverhead", (memory >> 20) + 512 + "m");
            if (!conf.contains("spark.executor.extraClassPath")) {
                conf.setIfMissing("spark.jars", String.join(",", ours()));
            }
        }
        return conf;
    }

    /** The jars of this Java machine but for those that every Spark has, and the one that would silence its log. */
    private static List<String> ours() {
        return Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
                .filter(jar -> !jar.isEmpty())
                .map(jar -> Path.of(jar).toAbsolutePath().normalize())
                .filter(jar -> !jar.getFileName().toString().startsWith("slf4j-nop"))
                .filter(jar -> !SparkJars.has(jar.getFileName().toString()))
                .map(Path::toString)
                .collect(Collectors.toList());
    }
}
