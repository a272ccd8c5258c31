package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.FewShotPool;
import modelpatch.cases.Form;
import modelpatch.evaluate.Chat;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** How questions are put to a model, and what counts as right. */
final class ProtocolOptions {
    private static final Map<Form, String> PRETRAINED = Map.of(Form.CLOZE, "cloze-5+2", Form.QUESTION, "question-5+2");
    private static final String NONE = "none";

    @Option(
            names = "--protocol",
            paramLabel = "KIND",
            defaultValue = "generated",
            description = "what decides what counts as right: ${COMPLETION-CANDIDATES}")
    Protocol.Kind kind;

    @Option(
            names = "--few-shot",
            paramLabel = "ID",
            description = "the demonstrations before every prompt, by their id in eval/few-shot.yaml, or none "
                    + "(default: cloze-5+2, or question-5+2 where --form says so; none for the embedded models)",
            showDefaultValue = Visibility.NEVER)
    String fewShot;

    @Option(
            names = "--few-shot-file",
            paramLabel = "FILE",
            description = "where demonstrations are read from (default: eval/few-shot.yaml of this project)",
            showDefaultValue = Visibility.NEVER)
    Path fewShotFile;

    @Option(
            names = "--form",
            paramLabel = "FORM",
            description = "form of the prompts where --few-shot does not decide it: ${COMPLETION-CANDIDATES} "
                    + "(default: cloze, where the cases have any)",
            showDefaultValue = Visibility.NEVER)
    Form form;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "" + Protocol.DEFAULT_NEW_TOKENS,
            description = "how many tokens an answer may have")
    int newTokens;

    @Option(
            names = "--known",
            paramLabel = "RULE",
            description = "when a hop counts as known: right on its primary prompt, or on all_templates "
                    + "(default: primary; all_templates for the embedded models)",
            showDefaultValue = Visibility.NEVER)
    KnownRule known;

    @Option(
            names = "--chat",
            description =
                    "put prompts through the model's chat template: a prompt is a user's turn, the answer the model's, demonstrations"
                            + " are turns before it; questions are asked where --form does not say otherwise")
    boolean chat;

    /** The protocol that decides. What was not given is made to suit the cases and the model, and remembered for the report. */
    Protocol deciding(boolean embedded, LanguageModel model, CaseSuite suite, CaseOptions cases, Subcommand command) {
        boolean questions = chat && suite.canBeAsked(Form.QUESTION);
        form = form != null ? form : questions ? Form.QUESTION : suite.form();
        Optional<Chat> words = chat ? Optional.of(ChatOption.of(model, command)) : Optional.empty();
        FewShot demonstrations =
                fewShot == null ? usual(embedded, model, cases, command) : demonstrations(fewShot, cases, command);
        return new Protocol(kind, demonstrations, newTokens, words);
    }

    KnownRule known(boolean embedded) {
        return known != null ? known : embedded ? KnownRule.ALL_TEMPLATES : KnownRule.PRIMARY;
    }

    /** None for an embedded model, nor where they would leave a prompt less room in the model's context than they take. */
    private FewShot usual(boolean embedded, LanguageModel model, CaseOptions cases, Subcommand command) {
        if (embedded) {
            return FewShot.none(form);
        }
        FewShot usual = demonstrations(PRETRAINED.get(form), cases, command);
        int tokens = model.tokenizer().encode(usual.text()).length;
        if (2 * tokens <= model.contextLength()) {
            return usual;
        }
        command.remark("prompts have no demonstrations: those of " + usual.id() + " take " + tokens
                + " tokens, more than half of the model's context of "
                + model.contextLength());
        return FewShot.none(form);
    }

    /** Those of an id; of facts, those of its pool that name nothing of them. */
    private FewShot demonstrations(String wanted, CaseOptions cases, Subcommand command) {
        if (wanted.toLowerCase(Locale.ROOT).equals(NONE)) {
            return FewShot.none(form);
        }
        Path file = fewShotFile == null ? Installation.here().fewShot() : fewShotFile;
        List<FewShotPool> all = FewShotPool.read(file);
        FewShotPool pool = all.stream()
                .filter(one -> one.id().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no such demonstrations",
                        "--few-shot " + wanted,
                        "one of " + String.join(", ", ids(all)),
                        "none of that id in " + file,
                        "check the id"));
        if (cases.facts == null) {
            return pool.usual();
        }
        FewShot chosen = pool.tellingNothingOf(FactTable.read(cases.facts), cases.names());
        long others = chosen.demonstrations().stream()
                .filter(one -> !pool.usual().demonstrations().contains(one))
                .count();
        if (others > 0) {
            command.remark(others + " of " + chosen.demonstrations().size() + " demonstrations of " + wanted
                    + " are others than usual, because the facts name something of those");
        }
        return chosen;
    }

    private static List<String> ids(List<FewShotPool> all) {
        List<String> ids = new ArrayList<>();
        all.forEach(one -> ids.add(one.id()));
        ids.add(NONE);
        return ids;
    }

    /** @throws BadInput where a demonstration would give an answer away */
    void requireNoLeaks(FewShot demonstrations, CaseOptions cases) {
        List<String> leaks = demonstrations.leaks(FactTable.read(cases.facts), cases.names());
        if (!leaks.isEmpty()) {
            throw new BadInput(
                    "demonstrations that give answers away",
                    "--few-shot " + demonstrations.id(),
                    "sentences that name nothing of the facts",
                    leaks.get(0) + (leaks.size() > 1 ? " and " + (leaks.size() - 1) + " more" : ""),
                    "use other demonstrations, or --few-shot none");
        }
    }
}
