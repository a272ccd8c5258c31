package modelpatch.edit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.Knowledge;

/**
 * Draws up the prompts of edits from a suite, all of them on edit templates, which nothing is scored on. Which neighbours are held and what
 * stands in the bank is decided by the seed alone.
 */
public final class PromptMaker {
    /** Neighbours of the same relations that one case holds. */
    private static final int NEIGHBOURS = 20;

    /** Single hops of the same subject that one case holds. */
    private static final int SAME_SUBJECT = 4;

    private static final int BANK_COMPOSITIONS = 64;
    private static final int BANK_HOPS = 24;

    /** Many cases together can break anything: the bank is then as large as a pass over it can bear. */
    private static final int MOST_OF_MANY = 4000;

    /** Floating-point operations of one pass over the bank of many cases, half a minute of a core. */
    private static final double OPERATIONS_OF_MANY = 2e12;

    /** Tokens of a prompt after the few-shot prefix, roughly. */
    private static final int TOKENS = 16;

    private final CaseSuite suite;
    private final Form form;
    private final Knowledge knowledge;
    private final List<String> contexts;
    private final List<String> mentions;
    private final long seed;
    private final int bankOfMany;
    private final Map<Boolean, List<String>> banks = new HashMap<>();

    /**
     * A maker of prompts.
     *
     * @param form the protocol's own
     * @param knowledge what is right already and so worth holding; failures are never held, as an edit may correct several of a kind
     * @param parameters of the model, which decide how large a bank it can bear
     * @param contexts texts with a slot <code>{}</code> that a prompt may stand in, for methods that average over them
     * @param mentions beginnings of sentences about whatever stands in their slot <code>{}</code>, for methods that write the bridge
     */
    public PromptMaker(
            CaseSuite suite,
            Form form,
            Knowledge knowledge,
            long parameters,
            List<String> contexts,
            List<String> mentions,
            long seed) {
        this.suite = suite;
        this.form = form;
        this.knowledge = knowledge;
        this.contexts = List.copyOf(contexts);
        this.mentions = List.copyOf(mentions);
        this.seed = seed;
        this.bankOfMany = (int) Math.min(MOST_OF_MANY, OPERATIONS_OF_MANY / (2.0 * parameters * TOKENS));
    }

    /** The prompts of an edit of some cases towards their own guides. */
    public EditPrompts of(List<CompositionalCase> cases, EditPlan plan) {
        return of(cases, plan, one -> one);
    }

    /**
     * The prompts of an edit of some cases.
     *
     * @param donor the case whose guides the compositions of a case should become; its own, but for controls
     */
    public EditPrompts of(
            List<CompositionalCase> cases, EditPlan plan, Function<CompositionalCase, CompositionalCase> donor) {
        Set<CompositionalCase> moved = new LinkedHashSet<>(cases);
        cases.forEach(one -> moved.addAll(beside(one, plan.relations())));
        List<EditPrompts.Row> rows = new ArrayList<>();
        List<EditPrompts.Row> mentioned = new ArrayList<>();
        Set<String> ids = new LinkedHashSet<>();
        for (CompositionalCase one : moved) {
            List<EditPrompts.Row> own = rows(ids.size(), one, donor.apply(one), plan.method());
            rows.addAll(own);
            mentioned.addAll(plan.method().writesBridge() ? mentions(own) : List.of());
            ids.add(one.id());
        }
        Set<String> moving = new HashSet<>();
        rows.forEach(row -> moving.add(row.composition()));
        Set<String> held = new LinkedHashSet<>();
        cases.forEach(one -> held.addAll(held(one, ids)));
        held.removeAll(moving);
        List<String> others = bank(cases.size() > 1).stream()
                .filter(prompt -> !moving.contains(prompt) && !held.contains(prompt))
                .toList();
        cases.forEach(one -> ids.remove(one.id()));
        int beginnings = cases.size() > 1 ? 3 * bankOfMany / 8 : 0;
        return new EditPrompts(rows, mentioned, List.copyOf(held), others, beginnings, unscored(ids));
    }

    /** What can no longer be asked as generalisation: every prompt of the cases that were moved along. */
    private Set<String> unscored(Set<String> ids) {
        Set<String> prompts = new HashSet<>();
        ids.forEach(id -> suite.find(id).orElseThrow().compositions().forEach(query -> prompts.add(query.prompt())));
        return prompts;
    }

    /** Other questions about the case's bridge, reached from the same subject, whose last hop is known: the edit moves them along. */
    private List<CompositionalCase> beside(CompositionalCase one, int most) {
        List<CompositionalCase> others = most == 0 ? List.of() : suite.generalisation(one);
        return drawn(knowledge.knowingLastHop(others), "beside " + one.id(), most);
    }

    private List<EditPrompts.Row> rows(int index, CompositionalCase one, CompositionalCase donor, Method method) {
        Optional<String> answer = method.editor().isToldAnswers() ? Optional.of(donor.answer()) : Optional.empty();
        List<EditPrompts.Row> rows = new ArrayList<>();
        for (int i = 0; i < one.compositions().size(); i++) {
            Query composition = one.compositions().get(i);
            Optional<Query> guide = donor.guides().stream()
                    .filter(query -> query.template().equals(composition.template()))
                    .findFirst();
            if (composition.split() != TemplateSplit.EDIT || guide.isEmpty()) {
                continue;
            }
            if (method.wording() == Method.Wording.TEMPLATES) {
                rows.add(row(index, "{}", composition, guide.get(), one.subject(), answer));
            } else if (composition.form() == form) {
                for (String context : contexts) {
                    rows.add(row(index, context, composition, guide.get(), one.subject(), answer));
                }
                break;
            }
        }
        return rows;
    }

    /**
     * @param subject the name that the composition names
     * @param answer empty where the editor is told none
     */
    private static EditPrompts.Row row(
            int index, String context, Query composition, Query guide, String subject, Optional<String> answer) {
        int shift = context.indexOf(Template.SLOT);
        return new EditPrompts.Row(
                index,
                context.replace(Template.SLOT, composition.prompt()),
                context.replace(Template.SLOT, guide.prompt()),
                span(shift, composition),
                span(shift, guide),
                answer.map(said -> new EditPrompts.Goal(subject(shift, composition, subject), said)));
    }

    /** Where the subject's name stands last in the phrase of a composition, whatever its capitals. */
    private static EditPrompts.Span subject(int shift, Query composition, String subject) {
        String phrase = composition.prompt().substring(0, composition.promptPhraseEnd());
        int from = phrase.toLowerCase(Locale.ROOT).lastIndexOf(subject.toLowerCase(Locale.ROOT));
        if (from < composition.promptPhraseStart()) {
            throw new BadInput(
                    "a prompt does not name its subject",
                    composition.prompt(),
                    subject,
                    phrase,
                    "take a method that needs no subject, such as --method creme-paper");
        }
        return new EditPrompts.Span(shift + from, shift + from + subject.length());
    }

    private static EditPrompts.Span span(int shift, Query query) {
        return new EditPrompts.Span(shift + query.promptPhraseStart(), shift + query.promptPhraseEnd());
    }

    /** The sentences about what the phrase of a case's first row leads to. */
    private List<EditPrompts.Row> mentions(List<EditPrompts.Row> rows) {
        return rows.stream()
                .limit(1)
                .flatMap(row -> mentions.stream().map(mention -> {
                    String phrase = row.phrase().in(row.composition());
                    String bridge = row.bridge().in(row.guide());
                    int from = mention.indexOf(Template.SLOT);
                    return new EditPrompts.Row(
                            row.index(),
                            mention.replace(Template.SLOT, phrase),
                            mention.replace(Template.SLOT, bridge),
                            new EditPrompts.Span(from, from + phrase.length()),
                            new EditPrompts.Span(from, from + bridge.length()),
                            Optional.empty());
                }))
                .toList();
    }

    /** What a case's edit must leave: its guides and single hops, other facts of its subject, right neighbours. */
    private Set<String> held(CompositionalCase one, Set<String> edited) {
        Set<String> held = new LinkedHashSet<>();
        boolean single = one.isSingle();
        if (!single) {
            one.protectedPrompts().forEach(query -> held.add(query.prompt()));
        }
        // a single fact is itself what must change
        List<CompositionalCase> sameSubject = suite.cases(one.split()).stream()
                .filter(other -> other.subject().equals(one.subject()) && !(single && edited.contains(other.id())))
                .toList();
        drawn(sameSubject, "subject " + one.id(), SAME_SUBJECT)
                .forEach(other -> held.add(editPrompt(other.singleHops().get(0), 0)));
        List<CompositionalCase> neighbours = suite.sameRelations(one).stream()
                .filter(other -> !edited.contains(other.id()))
                .toList();
        int turn = 0;
        for (CompositionalCase other : composing(neighbours, "neighbours " + one.id(), NEIGHBOURS)) {
            held.add(editPrompt(other.compositions(), turn++));
        }
        return held;
    }

    /** Some right cases in an order that the seed decides; no more are asked than it takes to find them. */
    private List<CompositionalCase> composing(List<CompositionalCase> cases, String purpose, int most) {
        List<CompositionalCase> order = drawn(cases, purpose, cases.size());
        List<CompositionalCase> right = new ArrayList<>();
        for (int from = 0; from < order.size() && right.size() < most; from += most) {
            right.addAll(knowledge.composing(order.subList(from, Math.min(order.size(), from + most))));
        }
        return right.subList(0, Math.min(most, right.size()));
    }

    /** Generic prompts of the choose side, the same for every edit of one case, and for every edit of many. */
    private List<String> bank(boolean many) {
        return banks.computeIfAbsent(many, of -> of ? drawBankOfMany() : drawBank());
    }

    private List<String> drawBank() {
        List<CompositionalCase> cases = suite.cases(SuiteSplit.CHOOSE);
        Set<String> prompts = new LinkedHashSet<>();
        int turn = 0;
        for (CompositionalCase one : composing(cases, "bank", BANK_COMPOSITIONS)) {
            prompts.add(editPrompt(one.compositions(), turn++));
        }
        prompts.addAll(bankHops(cases, turn, BANK_HOPS));
        return List.copyOf(prompts);
    }

    /** For many: right compositions in every edit template, some three each, and single hops; what is left of its size is for beginnings. */
    private List<String> drawBankOfMany() {
        List<CompositionalCase> cases = suite.cases(SuiteSplit.CHOOSE);
        Set<String> prompts = new LinkedHashSet<>();
        for (CompositionalCase one : composing(cases, "bank", bankOfMany / 9)) {
            one.compositions(TemplateSplit.EDIT).forEach(query -> prompts.add(query.prompt()));
        }
        prompts.addAll(bankHops(cases, 0, bankOfMany / 4));
        return List.copyOf(prompts);
    }

    /** Single hops of some cases, the first ones and the last ones by turns. */
    private List<String> bankHops(List<CompositionalCase> cases, int firstTurn, int most) {
        List<String> prompts = new ArrayList<>();
        int turn = firstTurn;
        for (CompositionalCase one : drawn(cases, "bank hops", most)) {
            List<List<Query>> hops = one.singleHops();
            prompts.add(editPrompt(hops.get(turn % hops.size()), turn++));
        }
        return prompts;
    }

    /** A prompt on one of the edit templates, by turns. */
    private static String editPrompt(List<Query> queries, int turn) {
        List<Query> edit = queries.stream()
                .filter(query -> query.split() == TemplateSplit.EDIT)
                .toList();
        return edit.get(turn % edit.size()).prompt();
    }

    /**
     * Prompts of every kind with what follows them, for second moments and for drift where the vocabulary is small: single hops and
     * compositions on edit templates. Where nobody has asked a composition yet, a hop stands in for it: of what is usual it says as much.
     *
     * @param answered whether the answer and a full stop follow
     */
    public List<String> generic(int count, boolean answered) {
        Set<String> prompts = new LinkedHashSet<>();
        int turn = 0;
        List<CompositionalCase> drawn = drawn(suite.cases(), "generic", count);
        Set<CompositionalCase> composing = Set.copyOf(knowledge.composingAsGiven(drawn));
        for (CompositionalCase one : drawn) {
            int hops = one.hops().size();
            boolean composed = turn % 2 == 0 && composing.contains(one);
            int hop = composed ? hops - 1 : (turn / 2) % hops;
            String prompt =
                    editPrompt(composed ? one.compositions() : one.singleHops().get(hop), turn);
            prompts.add(answered ? prompt + " " + one.hops().get(hop).object() + "." : prompt);
            turn++;
        }
        return List.copyOf(prompts);
    }

    private List<CompositionalCase> drawn(List<CompositionalCase> cases, String purpose, int most) {
        return SeededOrder.shuffled(cases, most, SeededOrder.draws(seed, purpose));
    }
}
