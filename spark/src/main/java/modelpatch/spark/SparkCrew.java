package modelpatch.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Piece;
import modelpatch.evaluate.Replica;
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
    private final String replica;
    private final ConcurrentLinkedQueue<String> remarks = new ConcurrentLinkedQueue<>();

    /** @param context this one's to close */
    SparkCrew(JavaSparkContext context, Replica replica) {
        this.context = context;
        this.replica = json(replica, Replica.class);
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

    private static String json(Object value, Class<?> as) {
        try {
            return ReportJson.mapper().writerFor(as).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON: " + value.getClass(), e);
        }
    }

    /** What a task gave: the index counts the partitions that were asked for. */
    private record Arrived(int index, Given given) {}

    @Override
    public void work(List<? extends Piece<?>> pieces, Onlooker onlooker, BiConsumer<Piece<?>, byte[]> done) {
        if (pieces.isEmpty()) {
            return;
        }
        BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
        SimpleFutureAction<BoxedUnit> job = submit(pieces, arrived);
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
                    done.accept(pieces.get(one.index()), one.given().json());
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

    private SimpleFutureAction<BoxedUnit> submit(List<? extends Piece<?>> pieces, BlockingQueue<Arrived> arrived) {
        List<String> texts = new ArrayList<>();
        pieces.forEach(piece -> texts.add(json(piece, Piece.class)));
        List<Object> partitions =
                IntStream.range(0, texts.size()).<Object>mapToObj(i -> i).toList();
        return context.sc()
                .submitJob(
                        context.parallelize(texts, texts.size()).rdd(),
                        new PieceTask(replica),
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
