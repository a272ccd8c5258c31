package modelpatch.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import modelpatch.Numbers;
import modelpatch.guard.PatchedModel;
import modelpatch.model.HeadAddress;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.report.Table;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch rank}: the effect of every attention head on one answer, exactly. */
@Command(
        name = "rank",
        header = "Ranks every attention head by its causal effect on an answer.",
        description =
                "Each head's output before W_O at the last position of the clean prompt is put into the corrupted prompt's run, alone; "
                        + "the effect is what the answer's logit gains by it. All heads, exactly.",
        footer =
                "  patch rank --model model.gguf --clean \"The capital of France is\" --corrupted \"The capital of Spain is\" --target Paris")
final class RankCommand extends Subcommand {
    private static final int SHOWN = 15;

    @Mixin
    ModelOptions model;

    @ArgGroup(multiplicity = "1")
    Clean clean;

    @ArgGroup(multiplicity = "1")
    Corrupted corrupted;

    @ArgGroup(multiplicity = "1")
    Target target;

    RankCommand(Terminal terminal) {
        super(terminal);
    }

    static final class Clean {
        @Option(
                names = "--clean",
                paramLabel = "TEXT",
                required = true,
                description = "the prompt whose heads are taken")
        String text;

        @Option(
                names = "--clean-ids",
                paramLabel = "ID",
                split = ",",
                required = true,
                description = "the same as token ids")
        int[] ids;
    }

    static final class Corrupted {
        @Option(
                names = "--corrupted",
                paramLabel = "TEXT",
                required = true,
                description = "the prompt that is patched into")
        String text;

        @Option(
                names = "--corrupted-ids",
                paramLabel = "ID",
                split = ",",
                required = true,
                description = "the same as token ids")
        int[] ids;
    }

    static final class Target {
        @Option(
                names = "--target",
                paramLabel = "TEXT",
                required = true,
                description = "the answer after the clean prompt; its first token is measured")
        String text;

        @Option(names = "--target-id", paramLabel = "ID", required = true, description = "the same as a token id")
        Integer id;
    }

    record RankDocument(double cleanLogit, double corruptedLogit, List<Head> heads, double seconds) {}

    /** One head; {@code index} counts the query heads of its layer. */
    record Head(String head, int layer, int index, double patchedLogit, double effect) {}

    @Override
    Answer answer() {
        try (PatchedModel open = model.open(this)) {
            LanguageModel opened = open.model();
            int[] cleanIds = Prompts.ids(opened, clean.text, clean.ids, "--clean");
            int[] corruptedIds = Prompts.ids(opened, corrupted.text, corrupted.ids, "--corrupted");
            int wanted = target.id != null ? target.id : Prompts.answerTokens(opened, clean.text, target.text)[0];
            String token = Prompts.shown(opened, wanted);
            RankDocument document = rank(opened, cleanIds, corruptedIds, wanted);
            return Answer.of(document, () -> text(document, token));
        }
    }

    private RankDocument rank(LanguageModel opened, int[] cleanIds, int[] corruptedIds, int wanted) {
        Instant start = terminal.clock().instant();
        int[] tokens = {wanted};
        try (RecordedRun donor = opened.record(new int[0], cleanIds);
                RecordedRun recipient = opened.record(new int[0], corruptedIds)) {
            double cleanLogit = donor.readout(tokens).logits()[0];
            double corruptedLogit = recipient.readout(tokens).logits()[0];
            List<HeadAddress> heads = new ArrayList<>();
            List<List<Intervention>> changes = new ArrayList<>();
            for (int layer = 0; layer < opened.config().nLayers(); layer++) {
                for (int index = 0; index < opened.config().nHeads(); index++) {
                    HeadAddress head = new HeadAddress(layer, index);
                    heads.add(head);
                    changes.add(List.of(
                            Intervention.head(head, recipient.length() - 1, donor.z(head, donor.length() - 1))));
                }
            }
            List<Readout> readouts = recipient.resume(recipient.length() - 1, changes, tokens, false);
            List<Head> ranked = new ArrayList<>();
            for (int i = 0; i < heads.size(); i++) {
                double patched = readouts.get(i).logits()[0];
                HeadAddress head = heads.get(i);
                ranked.add(new Head(head.toString(), head.layer(), head.head(), patched, patched - corruptedLogit));
            }
            ranked.sort(Comparator.comparingDouble(Head::effect).reversed());
            double seconds = Duration.between(start, terminal.clock().instant()).toMillis() / 1000.0;
            return new RankDocument(cleanLogit, corruptedLogit, ranked, seconds);
        }
    }

    private static String text(RankDocument document, String token) {
        Table table = Table.of("head", "patched logit>", "effect>");
        document.heads().stream()
                .limit(SHOWN)
                .forEach(head -> table.row(
                        head.head(), Numbers.decimal(head.patchedLogit(), 4), Numbers.decimal(head.effect(), 4)));
        return Numbers.format(
                "logit of %s: clean %.4f, corrupted %.4f\n\n%s\n\n%d heads in %.1f s; --json lists them all",
                token,
                document.cleanLogit(),
                document.corruptedLogit(),
                table,
                document.heads().size(),
                document.seconds());
    }
}
