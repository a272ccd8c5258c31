package modelpatch.cases;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.document.Json;
import modelpatch.document.Located;
import modelpatch.document.TextFile;

/**
 * Suites as JSON Lines, one case per line; the form is described in eval/README.md. A line that gives nothing but its hops is composed
 * from relations; a line with prompts is taken as it stands. Files of published data sets are known by their records.
 */
public final class SuiteFile {
    private static final Set<String> CASE = Set.of("id", "split", "hops", "compositions", "guides", "singleHops");
    private static final Set<String> HOP = Set.of("subject", "relation", "relationLabel", "object", "aliases");
    private static final Set<String> QUERY = Set.of("text", "phrase", "form", "split", "template");

    private SuiteFile() {}

    /** The lines that {@link #read} reads back to equal cases, without line ends. */
    public static Stream<String> lines(CaseSuite suite) {
        return suite.cases().stream().map(SuiteFile::line);
    }

    /**
     * Reads a suite, our own or a published data set ({@link Mquake}, {@link CounterFact}, {@link ZsRe}). Of lines that are composed to the
     * same id the first counts; two lines that give the same id are refused.
     *
     * @param relations compose the cases that bring no prompts of their own
     * @param recipe decides the side of cases that do not give one
     * @throws BadInput naming file, line and column
     */
    public static CaseSuite read(Path file, Relations relations, EntityNames names, SuiteRecipe recipe) {
        return switch (SuiteForm.of(file)) {
            case OWN -> own(file, relations, names, recipe);
            case MQUAKE -> Mquake.read(file, relations, names, recipe);
            case COUNTERFACT -> CounterFact.read(file, recipe.seed());
            case ZSRE -> ZsRe.read(file, recipe.seed());
        };
    }

    /** The records of our own form; line by line, so that a broken one is named where it stands. */
    private static List<Located> records(Path file) {
        List<Located> records = new ArrayList<>();
        String text = TextFile.read(file);
        if (text.stripLeading().startsWith("[")) {
            Located.records(file, records::add);
            return records;
        }
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (!line.isBlank()) {
                records.add(Located.json(file.toString(), line, number));
            }
        }
        return records;
    }

    private static CaseSuite own(Path file, Relations relations, EntityNames names, SuiteRecipe recipe) {
        List<Located> lines = records(file);
        List<CompositionalCase> given = new ArrayList<>();
        List<List<Fact>> chains = new ArrayList<>();
        Map<Boolean, List<Located>> parts = lines.stream().collect(Collectors.partitioningBy(SuiteFile::hasPrompts));
        Set<String> ids = new HashSet<>();
        for (Located line : parts.get(true)) {
            CompositionalCase one = oneCase(line, recipe);
            if (!ids.add(one.id())) {
                throw line.field("id").bad("case given twice", "a new id", "keep one");
            }
            given.add(one);
        }
        parts.get(false).forEach(line -> chains.add(hops(line)));
        CaseSuite suite = joined(given, chains, relations, names, recipe);
        if (suite.bridgeOverlap() > 0) {
            throw new BadInput(
                    "a bridge on both sides",
                    file.toString(),
                    "all cases of one bridge in one split",
                    String.join(", ", suite.bridgesOnBothSides()),
                    "move its cases to one side");
        }
        return suite;
    }

    private static boolean hasPrompts(Located line) {
        line.fields("case", CASE);
        return line.optional("compositions").isPresent();
    }

    private static CaseSuite joined(
            List<CompositionalCase> given,
            List<List<Fact>> chains,
            Relations relations,
            EntityNames names,
            SuiteRecipe recipe) {
        List<Fact> all = new ArrayList<>();
        given.forEach(one -> all.addAll(one.hops()));
        chains.forEach(all::addAll);
        Composer composer = new Composer(FactTable.of(all), relations, names, recipe);
        given.forEach(composer::keep);
        chains.forEach(chain -> composer.take(chain, Optional.empty()));
        return composer.suite();
    }

    private static CompositionalCase oneCase(Located line, SuiteRecipe recipe) {
        List<Fact> hops = hops(line);
        List<Query> compositions = queries(line.field("compositions"));
        List<Query> guides = queries(line.field("guides"));
        List<List<Query>> single = line.field("singleHops").items("single hops").stream()
                .map(SuiteFile::queries)
                .toList();
        SuiteSplit split = line.optional("split")
                .map(side -> side.choice("split", SuiteSplit.values(), SuiteSplit::key))
                .orElseGet(() -> SuiteSplit.of(hops.get(hops.size() - 1).subject(), recipe.seed()));
        try {
            return new CompositionalCase(line.field("id").text("id"), hops, split, compositions, guides, single);
        } catch (IllegalArgumentException e) {
            throw BadInput.of(line.where(), e.getMessage()).causedBy(e);
        }
    }

    private static List<Fact> hops(Located line) {
        List<Fact> hops = new ArrayList<>();
        for (Located hop : line.field("hops").items("hops")) {
            hop.fields("hop", HOP);
            String relation = hop.field("relation").text("relation");
            Fact fact = new Fact(
                    hop.field("subject").text("subject"),
                    relation,
                    hop.optional("relationLabel")
                            .map(label -> label.text("relation label"))
                            .orElse(relation),
                    hop.field("object").text("object"),
                    hop.optional("aliases")
                            .map(list -> list.items("aliases").stream()
                                    .map(name -> name.text("alias"))
                                    .toList())
                            .orElse(List.of()));
            if (!hops.isEmpty()
                    && !fact.subject().equals(hops.get(hops.size() - 1).object())) {
                throw hop.field("subject")
                        .bad(
                                "a broken chain",
                                "'" + hops.get(hops.size() - 1).object() + "', where the hop before ends",
                                "correct the chain");
            }
            hops.add(fact);
        }
        if (hops.isEmpty()) {
            throw line.field("hops").bad("no hops", "at least one", "give the facts of the chain");
        }
        return hops;
    }

    private static List<Query> queries(Located list) {
        List<Query> queries =
                list.items("prompts").stream().map(SuiteFile::query).toList();
        if (queries.isEmpty()) {
            throw list.bad("no prompts", "at least one", "give a prompt");
        }
        return queries;
    }

    private static Query query(Located item) {
        item.fields("prompt", QUERY);
        // Text is kept to the letter: a model may tell a trailing space.
        String text = item.field("text").text("text");
        List<Located> phrase = item.field("phrase").items("phrase bounds");
        if (phrase.size() != 2) {
            throw item.field("phrase").bad("no phrase", "[start, end]", "give two indices into the text");
        }
        int start = phrase.get(0).whole("index", 0, text.length());
        int end = phrase.get(1).whole("index", 0, text.length());
        if (start >= end) {
            throw item.field("phrase").bad("empty phrase", "start below end", "give two indices into the text");
        }
        String slotted = text.substring(0, start) + Template.SLOT + text.substring(end);
        if (Template.slots(slotted) != 1) {
            throw item.field("text").bad("braces in a prompt", "no {}", "write the text out");
        }
        Template template = new Template(
                item.field("template").text("template id"),
                item.field("form").choice("form", Form.values(), Form::key),
                item.field("split").choice("split", TemplateSplit.values(), TemplateSplit::key),
                slotted);
        return new Query(text, end, template);
    }

    private static String line(CompositionalCase one) {
        ObjectNode line =
                Json.object().put("id", one.id()).put("split", one.split().key());
        ArrayNode hops = line.putArray("hops");
        for (Fact hop : one.hops()) {
            ObjectNode fact = hops.addObject()
                    .put("subject", hop.subject())
                    .put("relation", hop.relation())
                    .put("relationLabel", hop.relationLabel())
                    .put("object", hop.object());
            ArrayNode aliases = fact.putArray("aliases");
            hop.aliases().forEach(aliases::add);
        }
        put(line.putArray("compositions"), one.compositions());
        put(line.putArray("guides"), one.guides());
        ArrayNode single = line.putArray("singleHops");
        one.singleHops().forEach(queries -> put(single.addArray(), queries));
        return Json.line(line);
    }

    private static void put(ArrayNode list, List<Query> queries) {
        for (Query query : queries) {
            ObjectNode item = list.addObject().put("text", query.text());
            item.putArray("phrase")
                    .add(query.template().text().indexOf(Template.SLOT))
                    .add(query.phraseEnd());
            item.put("form", query.form().key())
                    .put("split", query.split().key())
                    .put("template", query.template().id());
        }
    }
}
