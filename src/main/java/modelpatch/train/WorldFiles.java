package modelpatch.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.Planted;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteRecipe;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.RecordFile;

/** The files of a world. Facts and sentences are the same as those of any suite; {@code world.json} says what was taught. */
final class WorldFiles {
    private static final int FORMAT = 1;
    private static final String FACTS = "facts.tsv";
    static final String RELATIONS = "relations.yaml";
    private static final String ENTITIES = "entities.tsv";
    private static final String WORLD = "world.json";

    private WorldFiles() {}

    /** A fact by what is asked. */
    record Hop(String subject, String relation) {
        static Hop of(Fact fact) {
            return new Hop(fact.subject(), fact.relation());
        }
    }

    /** {@code world.json}: compositions by id; the marks follow from what was taught and are written for people and other programs. */
    record Marks(
            int format,
            long seed,
            List<Hop> neverFirstHop,
            List<Hop> neverSecondHop,
            Map<Planted, List<String>> heldOut,
            List<String> taught) {}

    static void write(World world, Path directory, Path relationsFile) {
        try {
            Files.createDirectories(directory);
            byte[] relations = Files.readAllBytes(relationsFile);
            AtomicFile.write(directory.resolve(RELATIONS), out -> out.write(relations));
        } catch (IOException e) {
            throw BadInput.writing(directory, e);
        }
        writeText(directory.resolve(FACTS), facts(world.facts()));
        writeText(directory.resolve(ENTITIES), entities(world));
        AtomicFile.write(directory.resolve(WORLD), out -> out.write(RecordFile.lines(marks(world))));
    }

    private static String facts(FactTable facts) {
        StringBuilder text = new StringBuilder("subject\trelation\trelation_label\tobject\n");
        for (Fact fact : facts.facts()) {
            text.append(String.join("\t", fact.subject(), fact.relation(), fact.relationLabel(), fact.object()))
                    .append('\n');
        }
        return text.toString();
    }

    private static String entities(World world) {
        StringBuilder text = new StringBuilder("entity\tlead\n");
        for (String entity : world.facts().entities()) {
            String inSentence = world.names().inSentence(entity);
            if (!inSentence.equals(entity)) {
                text.append(entity)
                        .append('\t')
                        .append(inSentence, 0, inSentence.length() - entity.length() - 1)
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static Marks marks(World world) {
        Set<String> bridges = new HashSet<>();
        world.suite().cases().forEach(one -> bridges.add(one.bridge()));
        Map<Planted, List<String>> heldOut = new EnumMap<>(Planted.class);
        for (Planted planted : Planted.values()) {
            heldOut.put(planted, new ArrayList<>());
        }
        world.heldOut().cases().forEach(one -> heldOut.get(world.planted(one)).add(one.id()));
        return new Marks(
                FORMAT,
                world.seed(),
                hops(world, fact -> bridges.contains(fact.object()) && !world.servedFirst(fact)),
                hops(world, fact -> bridges.contains(fact.subject()) && !world.servedSecond(fact)),
                heldOut,
                world.taught().cases().stream().map(CompositionalCase::id).toList());
    }

    private static List<Hop> hops(World world, Predicate<Fact> test) {
        return world.facts().facts().stream().filter(test).map(Hop::of).toList();
    }

    static World read(Path directory) {
        FactTable facts = FactTable.readStrict(directory.resolve(FACTS));
        Path relationsFile = directory.resolve(RELATIONS);
        Relations relations = Relations.read(relationsFile);
        EntityNames names = EntityNames.beside(relationsFile);
        Path file = directory.resolve(WORLD);
        Marks found = marks(file);
        CaseSuite suite = CaseSuite.compose(facts, relations, names, SuiteRecipe.twoHops(found.seed()));
        World world = new World(found.seed(), facts, relations, names, suite, Set.copyOf(found.taught()));
        Marks expected = marks(world);
        if (!found.equals(expected)) {
            throw new BadInput(
                    "does not fit the facts beside it",
                    file.toString(),
                    expected.taught().size()
                            + " taught compositions, and marks and held-out compositions that follow from them",
                    found.taught().size() + " taught compositions and other marks",
                    "restore the files of the model's directory; they were written together");
        }
        return world;
    }

    private static Marks marks(Path file) {
        Marks found = RecordFile.read(file, Marks.class);
        if (found.format() != FORMAT) {
            throw new BadInput(
                    "unknown format",
                    file.toString(),
                    "format " + FORMAT,
                    "format " + found.format(),
                    "use the version of modelpatch that wrote it");
        }
        return found;
    }

    private static void writeText(Path file, String text) {
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
