package modelpatch.tokenizer;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.BadInput;

/**
 * A Jinja template, run by jinjava as Hugging Face transformers runs it: blocks are trimmed, {@code generation} blocks are what they hold,
 * {@code raise_exception} and {@code strftime_now} exist, texts and lists have Python's methods ({@link PythonValues}). It is a stranger's program:
 * it includes nothing, calls no Java, and ends after a time, a length and a depth.
 *
 * @param text of the template
 * @param where what to name in messages
 */
record JinjaTemplate(String text, String where) {
    private static final int LONGEST_TEMPLATE = 1 << 18;
    private static final int LONGEST_OUTPUT = 1 << 20;
    private static final int MOST_ITEMS = 10_000;
    private static final int DEEPEST = 20;
    private static final long SECONDS = 10;

    private static final Pattern TAG = Pattern.compile("\\{[{%].*?[%}]\\}", Pattern.DOTALL);
    private static final Pattern QUOTED =
            Pattern.compile("'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"", Pattern.DOTALL);
    private static final Pattern FILTER = Pattern.compile("\\|\\s*([A-Za-z_]\\w*)");
    private static final Pattern TEST = Pattern.compile("\\bis\\s+(?:not\\s+)?([a-z_]\\w*)");
    private static final Pattern NAMESPACE = Pattern.compile("\\bnamespace\\(([^()]*)\\)");
    private static final Pattern NAMED = Pattern.compile("(\\w+)\\s*=\\s*([^,]+)");
    private static final Pattern GENERATION = Pattern.compile("\\{%([-+]?)\\s*(end)?generation\\s*([-+]?)%\\}");

    /** Tags that reach for other files. */
    private static final Map<Library, Set<String>> DISABLED =
            Map.of(Library.TAG, Set.of("include", "import", "from", "extends", "block"));

    private static final Jinjava JINJA = jinja();

    /** @throws BadInput for a template that is too long to be one */
    static JinjaTemplate of(String text, String where) {
        if (text.length() > LONGEST_TEMPLATE) {
            throw new BadInput(
                    "a chat template that is too long",
                    where,
                    "at most " + LONGEST_TEMPLATE + " characters",
                    String.valueOf(text.length()),
                    "leave --chat out");
        }
        JinjaTemplate template = new JinjaTemplate(text, where);
        template.requireKnownWords();
        return template;
    }

    /** Jinjava takes a filter or test that it does not know for nothing at all. */
    private void requireKnownWords() {
        Matcher tags = TAG.matcher(text);
        while (tags.find()) {
            String plain = QUOTED.matcher(tags.group()).replaceAll("''");
            requireKnown(FILTER.matcher(plain), "filter", JINJA.getGlobalContext()::getFilter);
            requireKnown(TEST.matcher(plain), "test", JINJA.getGlobalContext()::getExpTest);
        }
    }

    private void requireKnown(Matcher words, String kind, Function<String, Object> known) {
        while (words.find()) {
            if (known.apply(words.group(1)) == null) {
                throw bad("the " + kind + " " + words.group(1) + ", which is not known here");
            }
        }
    }

    private static Jinjava jinja() {
        Jinjava jinja = new Jinjava(config(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)));
        jinja.getGlobalContext()
                .registerFunction(
                        new ELFunctionDefinition("", "raise_exception", JinjaTemplate.class, "refuse", Object.class));
        jinja.getGlobalContext()
                .registerFunction(
                        new ELFunctionDefinition("", "strftime_now", JinjaTemplate.class, "now", String.class));
        jinja.getGlobalContext().registerFilter(new ToJson());
        return jinja;
    }

    private static JinjavaConfig config(Clock clock) {
        return JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withMaxOutputSize(LONGEST_OUTPUT)
                .withMaxStringLength(LONGEST_OUTPUT)
                .withMaxListSize(MOST_ITEMS)
                .withMaxMapSize(MOST_ITEMS)
                .withRangeLimit(MOST_ITEMS)
                .withMaxRenderDepth(DEEPEST)
                .withMaxMacroRecursionDepth(DEEPEST)
                .withEnableRecursiveMacroCalls(true)
                .withNestedInterpretationEnabled(false)
                .withDisabled(DISABLED)
                .withElResolver(new PythonValues())
                .withTimeZone(clock.getZone())
                .withDateTimeProvider(clock::millis)
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUsePyishObjectMapper(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .withParseWhitespaceControlStrictly(true)
                        .withUseTrimmingForNotesAndExpressions(true)
                        .withKeepNullableLoopValues(true)
                        .build())
                .build();
    }

    /**
     * What the template writes.
     *
     * @throws BadInput with the template's own words where it refuses, or where it cannot be run
     */
    String render(Map<String, Object> variables, Clock clock) {
        Map<String, Object> all = new HashMap<>(variables);
        all.putIfAbsent("strftime_now", "a function"); // templates ask whether it is defined
        FutureTask<RenderResult> work =
                new FutureTask<>(() -> JINJA.renderForResult(asJinjavaReads(), all, config(clock)));
        Thread thread = new Thread(work, "chat template");
        thread.setDaemon(true); // what does not end cannot be stopped, and must not keep the process
        thread.start();
        try {
            RenderResult result = work.get(SECONDS, TimeUnit.SECONDS);
            for (TemplateError error : result.getErrors()) {
                throw bad(said(error));
            }
            return result.getOutput();
        } catch (TimeoutException e) {
            throw bad("no end within " + SECONDS + " seconds");
        } catch (ExecutionException e) {
            throw bad(String.valueOf(e.getCause().getMessage())).causedBy(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw bad("an interruption");
        }
    }

    /**
     * Jinjava knows neither blocks that mark what a model said nor lists read backwards, and ends a named value at its first operator; all of
     * these say the same in its words. It keeps the line end behind a template, which the reference drops.
     */
    private String asJinjavaReads() {
        Matcher marks = GENERATION.matcher(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        String unmarked = marks.replaceAll(mark ->
                "{%" + mark.group(1) + (mark.group(2) == null ? " if true " : " endif ") + mark.group(3) + "%}");
        return NAMESPACE.matcher(unmarked).replaceAll(JinjaTemplate::closed).replace("[::-1]", "|reverse");
    }

    private static String closed(MatchResult namespace) {
        String values = NAMED.matcher(namespace.group(1)).replaceAll("$1=($2)");
        return Matcher.quoteReplacement("namespace(" + values + ")");
    }

    private static String said(TemplateError error) {
        for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
            if (cause instanceof Refusal) {
                return "it refuses: " + cause.getMessage();
            }
        }
        return "line " + error.getLineno() + ": " + error.getMessage();
    }

    private BadInput bad(String found) {
        return new BadInput(
                "a chat template that cannot be used",
                where,
                "a template of the Jinja that Hugging Face transformers runs",
                found,
                "correct the template, or leave --chat out");
    }

    /** What a template says for itself. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }

    /** The template's {@code raise_exception}. */
    @SuppressWarnings("DoNotCallSuggester") // called by name
    public static Object refuse(Object message) {
        throw new Refusal(String.valueOf(message));
    }

    /** The template's {@code strftime_now}. */
    public static String now(String format) {
        JinjavaConfig config = JinjavaInterpreter.getCurrent().getConfig();
        Instant instant = Instant.ofEpochMilli(config.getDateTimeProvider().getCurrentTimeMillis());
        ZoneId zone = config.getTimeZone();
        return PythonTime.formatted(instant.atZone(zone), format);
    }
}
