package modelpatch.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import modelpatch.BadInput;
import modelpatch.document.ReportJson;

/**
 * Results as SARIF 2.1.0 (OASIS, 2020), which code-review pages show beside the line they are about: each failing case at its line of the suite
 * file, each failed check at the file's first line.
 */
public final class Sarif {
    private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

    private Sarif() {}

    /**
     * The document of some results.
     *
     * @param version of this toolkit
     * @param root folder that file names are given relative to, where they lie in it
     */
    public static String of(List<SuiteResult> results, String version, Path root) {
        ObjectNode document = ReportJson.mapper().createObjectNode();
        document.put("$schema", SCHEMA).put("version", "2.1.0");
        ObjectNode run = document.putArray("runs").addObject();
        ObjectNode driver = run.putObject("tool").putObject("driver");
        driver.put("name", "modelpatch").put("version", version);
        ArrayNode rules = driver.putArray("rules");
        Set<String> ids = new TreeSet<>();
        ArrayNode found = run.putArray("results");
        for (SuiteResult result : results) {
            List<String> lines = lines(Path.of(result.file()));
            String file = relative(Path.of(result.file()), root);
            for (CaseResult one : result.failing()) {
                String level = JUnitXml.breaks(result, one) ? "error" : "note";
                add(found, ids, one.set(), level, one.id() + "\n" + one.message(), file, line(lines, one));
            }
            for (SuiteResult.Check check : result.checks()) {
                if (!check.passed()) {
                    add(found, ids, check.name(), "error", check.message(), file, 1);
                }
            }
        }
        ids.forEach(id -> rules.addObject()
                .put("id", id)
                .putObject("shortDescription")
                .put("text", id.startsWith("must_") ? "a case of the set " + id + " is wrong" : id + " is not kept"));
        try {
            return ReportJson.mapper().writeValueAsString(document) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that is no JSON", e);
        }
    }

    private static void add(
            ArrayNode results, Set<String> ids, String rule, String level, String message, String file, int line) {
        ids.add(rule);
        ObjectNode result = results.addObject().put("ruleId", rule).put("level", level);
        result.putObject("message").put("text", message);
        ObjectNode place = result.putArray("locations").addObject().putObject("physicalLocation");
        place.putObject("artifactLocation").put("uri", file);
        place.putObject("region").put("startLine", line);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    /** The line of a suite file that holds a case: the one with its id and its prompt, else the one with its id, else the first. */
    private static int line(List<String> lines, CaseResult one) {
        int named = 1;
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (lines.get(i).contains(one.id())) {
                named = i + 1;
                if (lines.get(i).contains(one.prompt())) {
                    return named;
                }
            }
        }
        return named;
    }

    private static String relative(Path file, Path root) {
        Path whole = file.toAbsolutePath().normalize();
        Path folder = root.toAbsolutePath().normalize();
        return whole.startsWith(folder)
                ? folder.relativize(whole).toString().replace('\\', '/').replace(" ", "%20")
                : whole.toUri().toString();
    }
}
