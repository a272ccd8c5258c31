package modelpatch.spark;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.Errand;
import modelpatch.evaluate.Onlooker;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** Executors of one Spark application. Each piece is a task of its own, so that one that is lost costs no other. */
final class SparkCrew implements Crew {
    private static final long POLL_MILLISECONDS = 200;

    private final JavaSparkContext context;
    private final ConcurrentLinkedQueue<String> remarks = new ConcurrentLinkedQueue<>();

    /** @param context this one's to close */
    SparkCrew(JavaSparkContext context) {
        this.context = context;
        context.sc().addSparkListener(new SparkListener() {
            @Override
            public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                remarks.add("lost executor " + removed.executorId() + " (" + firstLine(removed.reason())
                        + "); what it was doing is done again");
            }
        });
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** What a task gave: the index counts the partitions that were asked for. */
    private record Arrived(int index, Given given) {}

    @Override
    public void work(List<Errand> errands, Onlooker onlooker, Done done) {
        if (errands.isEmpty()) {
            return;
        }
        BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
        SimpleFutureAction<BoxedUnit> job = submit(errands, arrived);
        try {
            boolean running = true;
            while (running || !arrived.isEmpty()) {
                running = !job.isCompleted();
                Arrived one = arrived.poll(running ? POLL_MILLISECONDS : 0, TimeUnit.MILLISECONDS);
                sayRemarks(onlooker);
                onlooker.check();
                if (one != null) {
                    one.given().bad().ifPresent(bad -> {
                        throw bad;
                    });
                    done.at(one.index(), one.given().json());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", e);
        } finally {
            if (!job.isCompleted()) {
                job.cancel();
            }
        }
        if (job.value().get().isFailure()) {
            throw failure(job.value().get().failed().get());
        }
    }

    private SimpleFutureAction<BoxedUnit> submit(List<Errand> errands, BlockingQueue<Arrived> arrived) {
        List<String> texts = errands.stream().map(ReportJson::line).toList();
        List<Object> partitions =
                IntStream.range(0, texts.size()).<Object>mapToObj(i -> i).toList();
        return context.sc()
                .submitJob(
                        context.parallelize(texts, texts.size()).rdd(),
                        new PieceTask(),
                        CollectionConverters.asScala(partitions).toSeq(),
                        (index, given) -> {
                            arrived.add(new Arrived((Integer) index, given));
                            return BoxedUnit.UNIT;
                        },
                        () -> BoxedUnit.UNIT);
    }

    private void sayRemarks(Onlooker onlooker) {
        for (String remark = remarks.poll(); remark != null; remark = remarks.poll()) {
            onlooker.remark(remark);
        }
    }

    /** Spark wraps what a task threw into what became of the job. */
    private RuntimeException failure(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof PieceFailed failed) {
                return failed;
            }
        }
        if (context.sc().isStopped()) {
            return new BadInput(
                            "the cluster has gone",
                            "--cluster " + context.master(),
                            "executors until the work is done",
                            String.valueOf(thrown.getMessage()),
                            "see that it runs, then go on with --resume")
                    .causedBy(thrown);
        }
        return new IllegalStateException(thrown.getMessage(), thrown);
    }

    @Override
    public void close() {
        context.close();
        Workplace.clear();
    }
}
