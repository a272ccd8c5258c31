package modelpatch.cli;

import static java.util.Map.entry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.adapt.AdaptDocument;
import modelpatch.cases.ComposeDocument;
import modelpatch.document.Json;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.EvaluationDocument;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.evaluate.LogitsDocument;
import modelpatch.export.ContinuationDocument;
import modelpatch.export.ExportDocument;
import modelpatch.export.OnnxDocument;
import modelpatch.guard.BisectDocument;
import modelpatch.guard.DriftDocument;
import modelpatch.guard.InitDocument;
import modelpatch.guard.RunDocument;
import modelpatch.guard.UpdateDocument;
import modelpatch.guard.VerifyDocument;
import modelpatch.guard.WatchDocument;
import modelpatch.guide.GuideDocument;
import modelpatch.guide.GuiderTraining;
import modelpatch.hub.PullDocument;
import modelpatch.locate.CeilingMap;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.locate.LensDocument;
import modelpatch.locate.RankDocument;
import modelpatch.locate.TunedLensDocument;
import modelpatch.patch.ImportDocument;
import modelpatch.patch.LogDocument;
import modelpatch.patch.RevertDocument;
import modelpatch.patch.ShowDocument;
import modelpatch.patch.SignDocument;
import modelpatch.patch.StatusDocument;
import modelpatch.remedy.RemedyTable;
import modelpatch.repair.RepairDocument;
import modelpatch.repair.TeachingDocument;
import modelpatch.thinking.CkaReport;
import modelpatch.thinking.ThinkingReport;

/**
 * The JSON schema (draft 2020-12) of what each command prints under {@code --json}, made from the records that it prints: the schemas in
 * docs/formats/schema/ must be these.
 */
final class JsonSchemas {
    static final Path FOLDER = Path.of("docs", "formats", "schema");

    /** By command, in its words joined by dashes: the documents that it may print. */
    static final Map<String, List<Class<?>>> DOCUMENTS = Map.ofEntries(
            entry("adapt", List.of(AdaptDocument.class)),
            entry("apply", List.of(RepairDocument.class, ApplyCommand.LearnedDocument.class, TeachingDocument.class)),
            entry("cases-compose", List.of(ComposeDocument.class)),
            entry("cases-init", List.of(modelpatch.cases.InitDocument.class)),
            entry("compare", List.of(RemedyTable.class)),
            entry("completion", List.of(CompletionCommand.CompletionDocument.class)),
            entry("doctor", List.of(DoctorCommand.DoctorDocument.class)),
            entry("eval", List.of(EvaluationReport.class, EvaluationDocument.class, ThinkingReport.class)),
            entry("export", List.of(ExportDocument.class, OnnxDocument.class)),
            entry("find", List.of(FindCommand.AdvisedDocument.class)),
            entry("guard-bisect", List.of(BisectDocument.class)),
            entry("guard-drift", List.of(DriftDocument.class)),
            entry("guard-init", List.of(InitDocument.class)),
            entry("guard-run", List.of(RunDocument.class)),
            entry("guard-update", List.of(UpdateDocument.class)),
            entry("guard-watch", List.of(WatchDocument.class)),
            entry("guide-eval", List.of(GuideDocument.class)),
            entry("guide-run", List.of(GuideRunCommand.RunDocument.class)),
            entry("guide-train", List.of(GuiderTraining.Document.class)),
            entry("import", List.of(ImportDocument.class)),
            entry("lens", List.of(LensDocument.class, TunedLensDocument.class, CkaReport.class)),
            entry("log", List.of(LogDocument.class)),
            entry("logits", List.of(LogitsDocument.class)),
            entry("map", List.of(CeilingMap.class)),
            entry("rank", List.of(RankDocument.class)),
            entry("revert", List.of(RevertDocument.class)),
            entry("run", List.of(ContinuationDocument.class)),
            entry("show", List.of(ShowDocument.class, Findings.class, FailureFinding.class)),
            entry("sign", List.of(SignDocument.class)),
            entry("init", List.of(InitCommand.ProjectDocument.class)),
            entry("pull", List.of(PullDocument.class)),
            entry("status", List.of(StatusDocument.class)),
            entry("train", List.of(TrainCommand.TrainDocument.class)),
            entry("verify", List.of(VerifyDocument.class)));

    /** Components that are null where their records say so; everything else that may be missing is an {@link Optional}. */
    private static final Set<String> NULLABLE = Set.of(
            "DoctorCommand.Check.remedy",
            "ComposeDocument.file",
            "LogitsDocument.Candidate.token",
            "LogitsDocument.Generated.text");

    private static final ObjectMapper MAPPER = ReportJson.mapper();
    private static final Set<Class<?>> WHOLE =
            Set.of(int.class, Integer.class, long.class, Long.class, short.class, Short.class);
    private static final Set<Class<?>> NUMBERS = Set.of(double.class, Double.class, float.class, Float.class);

    private final Map<String, ObjectNode> definitions = new TreeMap<>();

    private JsonSchemas() {}

    /** The schema of a command. */
    static ObjectNode of(String command) {
        JsonSchemas schemas = new JsonSchemas();
        ObjectNode root = Json.object();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("title", "patch " + command.replace('-', ' ') + " --json");
        ArrayNode forms = root.putArray("anyOf");
        for (Class<?> document : DOCUMENTS.get(command)) {
            forms.add(schemas.of(MAPPER.constructType(document)));
        }
        ObjectNode all = root.putObject("$defs");
        schemas.definitions.forEach(all::set);
        return root;
    }

    private ObjectNode of(JavaType type) {
        Class<?> raw = type.getRawClass();
        if (raw == Optional.class) {
            return nullable(of(type.containedTypeOrUnknown(0)));
        }
        if (raw == OptionalDouble.class) {
            return nullable(simple("number"));
        }
        if (WHOLE.contains(raw)) {
            return simple("integer");
        }
        if (NUMBERS.contains(raw)) {
            return simple("number");
        }
        if (raw == boolean.class || raw == Boolean.class) {
            return simple("boolean");
        }
        if (raw == String.class || raw == Instant.class) {
            return simple("string");
        }
        if (raw.isEnum()) {
            ObjectNode choice = Json.object();
            ArrayNode names = choice.putArray("enum");
            for (Object constant : raw.getEnumConstants()) {
                names.add(MAPPER.<JsonNode>valueToTree(constant));
            }
            return choice;
        }
        if (Map.class.isAssignableFrom(raw)) {
            ObjectNode map = simple("object");
            map.set("additionalProperties", of(type.getContentType()));
            return map;
        }
        if (Collection.class.isAssignableFrom(raw) || raw.isArray()) {
            ObjectNode list = simple("array");
            list.set("items", of(type.getContentType()));
            return list;
        }
        if (JsonNode.class.isAssignableFrom(raw) || raw == Object.class) {
            return Json.object();
        }
        return defined(type);
    }

    private ObjectNode defined(JavaType type) {
        BeanDescription bean = MAPPER.getSerializationConfig().introspect(type);
        AnnotatedMember value = bean.findJsonValueAccessor();
        if (value != null) {
            return of(value.getType());
        }
        if (!type.getRawClass().isRecord()) {
            throw new IllegalStateException("no rule for the JSON of " + type);
        }
        String name = name(type);
        if (!definitions.containsKey(name)) {
            ObjectNode object = simple("object");
            definitions.put(name, object);
            object.putArray("required");
            object.putObject("properties");
            fill(object, bean);
        }
        return Json.object().put("$ref", "#/$defs/" + name);
    }

    private void fill(ObjectNode object, BeanDescription bean) {
        for (BeanPropertyDefinition property : bean.findProperties()) {
            AnnotatedMember accessor = property.getAccessor();
            if (accessor == null) {
                continue; // a name that is only read
            }
            if (accessor.hasAnnotation(JsonUnwrapped.class)) {
                fill(object, MAPPER.getSerializationConfig().introspect(accessor.getType()));
            } else {
                if (accessor.getType().isPrimitive() || !leavesOutNull(bean)) {
                    ((ArrayNode) object.get("required")).add(property.getName());
                }
                ((ObjectNode) object.get("properties"))
                        .set(
                                property.getName(),
                                NULLABLE.contains(name(bean.getType()) + "." + accessor.getName())
                                        ? nullable(of(accessor.getType()))
                                        : of(accessor.getType()));
            }
        }
    }

    private static boolean leavesOutNull(BeanDescription bean) {
        JsonInclude own = bean.getClassAnnotations().get(JsonInclude.class);
        return own != null && own.value() == JsonInclude.Include.NON_NULL;
    }

    /** The record's own name with that of the record around it, and of what it is filled with. */
    private static String name(JavaType type) {
        StringBuilder name = new StringBuilder();
        for (Class<?> around = type.getRawClass(); around != null; around = around.getEnclosingClass()) {
            name.insert(0, around.getSimpleName() + (name.isEmpty() ? "" : "."));
        }
        for (int i = 0; i < type.containedTypeCount(); i++) {
            name.append("-of-").append(type.containedType(i).toCanonical().replaceAll(".*[.]|[<>]", ""));
        }
        return name.toString().replace(' ', '-');
    }

    private static ObjectNode simple(String type) {
        return Json.object().put("type", type);
    }

    private static ObjectNode nullable(ObjectNode schema) {
        if (schema.path("type").isTextual()) {
            ArrayNode types = Json.array().add(schema.get("type").asText()).add("null");
            schema.set("type", types);
            return schema;
        }
        ObjectNode either = Json.object();
        either.putArray("anyOf").add(schema).add(simple("null"));
        return either;
    }
}
