package modelpatch.tokenizer;

import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.util.ForLoop;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;

/** What a template can do with a value: the members and methods of Python's texts, lists and dicts, and nothing of Java's. */
final class PythonValues extends ELResolver {
    private static final String BLANK = " \t\n\r\u000b\f";

    @Override
    public Object getValue(ELContext context, Object base, Object property) {
        context.setPropertyResolved(true);
        if (base instanceof Map<?, ?> map) {
            return map.get(String.valueOf(property));
        } else if (base instanceof List<?> list) {
            return index(property).map(index -> item(list, index)).orElse(null);
        } else if (base instanceof CharSequence text) {
            List<String> letters =
                    text.toString().codePoints().mapToObj(Character::toString).toList();
            return index(property).map(index -> item(letters, index)).orElse(null);
        } else if (base instanceof ForLoop loop) {
            return member(loop, String.valueOf(property));
        }
        return null;
    }

    /** Jinjava hands numbers over as texts too. */
    private static Optional<Integer> index(Object property) {
        String written = String.valueOf(property);
        return written.matches("-?\\d{1,9}") ? Optional.of(Integer.parseInt(written)) : Optional.empty();
    }

    private static Object item(List<?> list, int index) {
        int at = index < 0 ? index + list.size() : index;
        return at >= 0 && at < list.size() ? list.get(at) : null;
    }

    private static Object member(ForLoop loop, String name) {
        return switch (name) {
            case "index" -> loop.getIndex();
            case "index0" -> loop.getIndex0();
            case "revindex" -> loop.getRevindex();
            case "revindex0" -> loop.getRevindex0();
            case "first" -> loop.isFirst();
            case "last" -> loop.isLast();
            case "length" -> loop.getLength();
            case "depth" -> loop.getDepth();
            case "depth0" -> loop.getDepth0();
            default -> throw new UnsupportedOperationException("loop." + name + " is not known here");
        };
    }

    @Override
    public Object invoke(ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
        context.setPropertyResolved(true);
        String name = String.valueOf(method);
        Object[] given = arguments == null ? new Object[0] : arguments;
        if (base instanceof Filter || base instanceof ExpTest) {
            return JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY.invoke(
                    context, base, method, types, arguments);
        } else if (base instanceof CharSequence text) {
            return ofText(text.toString(), name, given);
        } else if (base instanceof Map<?, ?> map) {
            return ofDict(map, name, given);
        } else if (base instanceof List<?> list) {
            return ofList(list, name, given);
        }
        throw unknown(name, base);
    }

    private static Object ofText(String text, String name, Object[] given) {
        return switch (name) {
            case "strip" -> leftStripped(rightStripped(text, given), given);
            case "lstrip" -> leftStripped(text, given);
            case "rstrip" -> rightStripped(text, given);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" ->
                text.isEmpty()
                        ? text
                        : text.substring(0, 1).toUpperCase(Locale.ROOT)
                                + text.substring(1).toLowerCase(Locale.ROOT);
            case "title" ->
                Pattern.compile("\\p{L}+").matcher(text).replaceAll(word ->
                        (String) ofText(word.group(), "capitalize", new Object[0]));
            case "startswith" -> options(given).stream().anyMatch(text::startsWith);
            case "endswith" -> options(given).stream().anyMatch(text::endsWith);
            case "removeprefix" ->
                text.startsWith(first(given)) ? text.substring(first(given).length()) : text;
            case "removesuffix" ->
                text.endsWith(first(given))
                        ? text.substring(0, text.length() - first(given).length())
                        : text;
            case "replace" -> text.replace(first(given), String.valueOf(given[1]));
            case "find" -> (long) text.indexOf(first(given));
            case "count" -> (long) text.split(Pattern.quote(first(given)), -1).length - 1;
            case "split" -> split(text, given);
            case "splitlines" -> text.lines().collect(Collectors.toCollection(ArrayList::new));
            case "join" -> ((List<?>) given[0]).stream().map(String::valueOf).collect(Collectors.joining(text));
            case "isdigit" -> !text.isEmpty() && text.chars().allMatch(Character::isDigit);
            default -> throw unknown(name, text);
        };
    }

    private static List<String> options(Object[] given) {
        return given[0] instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of(first(given));
    }

    private static String first(Object[] given) {
        if (given.length == 0) {
            throw new UnsupportedOperationException("a method of a text without what it needs");
        }
        return String.valueOf(given[0]);
    }

    private static List<String> split(String text, Object[] given) {
        int most = given.length > 1 && given[1] instanceof Number number && number.intValue() >= 0
                ? number.intValue() + 1
                : -1;
        if (given.length == 0 || given[0] == null) {
            String words = text.strip();
            return words.isEmpty() ? List.of() : new ArrayList<>(Arrays.asList(words.split("\\s+", most)));
        }
        return new ArrayList<>(Arrays.asList(text.split(Pattern.quote(first(given)), most)));
    }

    private static String leftStripped(String text, Object[] given) {
        String blank = given.length > 0 && given[0] != null ? first(given) : BLANK;
        int from = 0;
        while (from < text.length() && blank.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        return text.substring(from);
    }

    private static String rightStripped(String text, Object[] given) {
        String blank = given.length > 0 && given[0] != null ? first(given) : BLANK;
        int to = text.length();
        while (to > 0 && blank.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(0, to);
    }

    private static Object ofDict(Map<?, ?> dict, String name, Object[] given) {
        return switch (name) {
            case "items" ->
                dict.entrySet().stream()
                        .map(entry -> Arrays.asList(entry.getKey(), entry.getValue()))
                        .collect(Collectors.toCollection(ArrayList::new));
            case "keys" -> new ArrayList<>(dict.keySet());
            case "values" -> new ArrayList<>(dict.values());
            case "get" -> dict.containsKey(first(given)) ? dict.get(first(given)) : given.length > 1 ? given[1] : null;
            default -> throw unknown(name, dict);
        };
    }

    private static Object ofList(List<?> list, String name, Object[] given) {
        return switch (name) {
            case "index" -> (long) list.indexOf(given[0]);
            case "count" ->
                list.stream().filter(one -> Objects.equals(one, given[0])).count();
            default -> throw unknown(name, list);
        };
    }

    private static UnsupportedOperationException unknown(String name, Object base) {
        String kind = base instanceof CharSequence
                ? "a text"
                : base instanceof Map ? "a dict" : base instanceof List ? "a list" : "a value";
        return new UnsupportedOperationException("the method " + name + " of " + kind + " is not known here");
    }

    @Override
    public Class<?> getType(ELContext context, Object base, Object property) {
        context.setPropertyResolved(true);
        return Object.class;
    }

    @Override
    public void setValue(ELContext context, Object base, Object property, Object value) {
        throw new UnsupportedOperationException("a template changes no value");
    }

    @Override
    public boolean isReadOnly(ELContext context, Object base, Object property) {
        return true;
    }

    @Override
    public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
        return Collections.emptyIterator();
    }

    @Override
    public Class<?> getCommonPropertyType(ELContext context, Object base) {
        return Object.class;
    }
}
