package modelpatch.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import modelpatch.Numbers;
import modelpatch.Visible;
import modelpatch.patch.EditedTensor;
import modelpatch.patch.PatchGeometry;
import modelpatch.patch.Provenance;
import modelpatch.patch.Signature;
import modelpatch.patch.WeightPatch;

/** The section of a model card that says what a patch changed, why, by whom, and what was proved: Markdown, all from the patch file itself. */
public final class PatchCard {
    private static final int CASES_SHOWN = 20;

    private final StringBuilder text = new StringBuilder();

    private PatchCard() {}

    /** The section of one patch. */
    public static String of(WeightPatch patch) {
        PatchCard card = new PatchCard();
        card.head(patch);
        card.evidence(patch.provenance().evidence());
        card.change(patch);
        card.cases(patch.provenance().cases());
        return card.text.toString().stripTrailing();
    }

    private void head(WeightPatch patch) {
        Provenance by = patch.provenance();
        text.append("## Weight patch ").append(patch.shortId()).append("\n\n");
        text.append("| | |\n|---|---|\n");
        row("id", "`" + patch.id() + "`");
        row("base", patch.baseName() + ", `" + patch.baseDigest() + "`");
        row("on top of", patch.parents().isEmpty() ? "the bare base" : String.join(", ", patch.parents()));
        row("method", by.method() + ", seed " + by.seed());
        row("author", by.author());
        row("why", by.reason());
        row("made", by.time());
        row("approver", by.approver().orElse("none named"));
        row("expires", by.expires().map(String::valueOf).orElse("never"));
        row("gates", by.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        List<String> signatures = new ArrayList<>();
        for (Signature one : patch.signatures()) {
            signatures.add(one.signer() + " as " + one.role().key() + " at " + one.time() + " (key " + one.key() + ")");
        }
        row(
                "signatures",
                signatures.isEmpty() ? "none" : String.join("; ", signatures) + "; `patch verify` checks them");
        text.append('\n');
    }

    private void row(String name, Object value) {
        text.append("| ")
                .append(name)
                .append(" | ")
                .append(Visible.line(String.valueOf(value)).replace("|", "\\|"))
                .append(" |\n");
    }

    private void evidence(JsonNode evidence) {
        if (!evidence.path("sets").isObject()) {
            text.append("The patch carries no before and after table.\n\n");
            return;
        }
        text.append("Before and after, on templates that the edit never saw (")
                .append(evidence.path("protocol").asText())
                .append("):\n\n| set | right, right | right, wrong | wrong, right | wrong, wrong | r_C | r_O |\n")
                .append("|---|---:|---:|---:|---:|---:|---:|\n");
        evidence.path("sets").properties().forEach(set -> {
            JsonNode n = set.getValue();
            text.append("| ")
                    .append(set.getKey().replace('_', ' '))
                    .append(Numbers.format(
                            " | %d | %d | %d | %d | %s | %s |\n",
                            n.path("n11").asLong(),
                            n.path("n10").asLong(),
                            n.path("n01").asLong(),
                            n.path("n00").asLong(),
                            rate(n.path("r_C")),
                            rate(n.path("r_O"))));
        });
        JsonNode drift = evidence.path("drift");
        if (drift.isObject()) {
            text.append(Numbers.format(
                    "\nDrift on %s (%d tokens): mean KL %.5f nats, %.1f %% of likeliest tokens changed, perplexity %.3f to %.3f.\n",
                    drift.path("text").asText(),
                    drift.path("tokens").asInt(),
                    drift.path("kl_mean").asDouble(),
                    100 * drift.path("top_flips").asDouble(),
                    drift.path("perplexity_before").asDouble(),
                    drift.path("perplexity_after").asDouble()));
        }
        text.append('\n');
    }

    private void change(WeightPatch patch) {
        text.append("| tensor | stored as | rank | norm of the change | effective rank |\n|---|---|---:|---:|---:|\n");
        for (int i = 0; i < patch.tensors().size(); i++) {
            EditedTensor tensor = patch.tensors().get(i);
            PatchGeometry size = PatchGeometry.of(patch.deltas().get(i));
            text.append(Numbers.format(
                    "| `%s` | %s %s | %d | %.4g | %.3g |\n",
                    tensor.name(), tensor.kind(), tensor.shape(), size.rank(), size.norm(), size.effectiveRank()));
        }
        text.append('\n');
    }

    private void cases(List<String> cases) {
        text.append("Cases it was made for (").append(cases.size()).append("): ");
        text.append(String.join(", ", cases.stream().limit(CASES_SHOWN).toList()));
        text.append(cases.size() > CASES_SHOWN ? ", and " + (cases.size() - CASES_SHOWN) + " more.\n" : ".\n");
    }

    private static String rate(JsonNode rate) {
        return rate.isNumber() ? Numbers.decimal(rate.asDouble(), 3) : "n/a";
    }
}
