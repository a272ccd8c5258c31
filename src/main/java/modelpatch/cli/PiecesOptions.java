package modelpatch.cli;

import java.util.function.Function;
import modelpatch.BadInput;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.CrewPieces;
import modelpatch.evaluate.KeptPieces;
import modelpatch.evaluate.Pieces;
import modelpatch.evaluate.Replica;
import modelpatch.guard.PatchedModel;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Work on one model in pieces: kept until it is done, resumed, and shared with other machines. */
final class PiecesOptions {
    private static final String KEPT = ".kept";

    @Option(
            names = "--resume",
            description =
                    "go on with the same work where an earlier run of it was ended, by Ctrl-C or otherwise; what it did is kept in"
                            + " findings/.kept until it is done")
    boolean resume;

    @Mixin
    ClusterOptions cluster;

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

    /** What work gives whose pieces are done here, or by the machines that were asked for. */
    <T> T working(
            KeptPieces kept, PatchedModel opened, ModelOptions model, Subcommand command, Function<Pieces, T> work) {
        if (!cluster.asked()) {
            return work.apply(kept);
        }
        Replica replica = model.replica(opened, command);
        try (Crew crew = cluster.crew(replica.memory(), command)) {
            return work.apply(new CrewPieces(kept, crew, replica, command));
        }
    }

    /** What goes on with work that was ended. */
    Hint again(Subcommand command) {
        return (resume ? Hint.again(command.spec) : Hint.again(command.spec).with("--resume"))
                .because("goes on where this was ended");
    }

    /** @param because why the command does not work in pieces as it was called */
    void requireNone(String because) {
        if (resume || cluster.asked()) {
            throw new BadInput(
                    "nothing to resume or to share",
                    resume ? "--resume" : "--cluster",
                    "neither",
                    because,
                    "leave it out, or ask for the other without it");
        }
    }
}
