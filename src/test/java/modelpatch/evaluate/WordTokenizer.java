package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.tokenizer.Encoding;
import modelpatch.tokenizer.Tokenizer;

/**
 * Words, line ends and nothing else are tokens; the vocabulary grows as texts come. A word can be made to join the next one, as the merges of
 * real vocabularies do.
 */
final class WordTokenizer implements Tokenizer {
    private static final Pattern TOKEN = Pattern.compile("\n|\\S+");

    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> words = new ArrayList<>();
    private final Map<String, String> joins = new HashMap<>();

    /** From now on the two words in a row are one token. */
    void join(String first, String second) {
        joins.put(first, second);
    }

    int id(String word) {
        return ids.computeIfAbsent(word, added -> {
            words.add(added);
            return words.size() - 1;
        });
    }

    @Override
    public Encoding encodeWithOffsets(String text) {
        List<int[]> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(text);
        String last = "";
        while (matcher.find()) {
            String word = matcher.group();
            if (word.equals(joins.get(last))) {
                int[] joined = tokens.get(tokens.size() - 1);
                joined[0] = id(last + " " + word);
                joined[2] = matcher.end();
            } else {
                tokens.add(new int[] {id(word), matcher.start(), matcher.end()});
            }
            last = word;
        }
        return new Encoding(column(tokens, 0), column(tokens, 1), column(tokens, 2));
    }

    private static int[] column(List<int[]> tokens, int column) {
        return tokens.stream().mapToInt(token -> token[column]).toArray();
    }

    @Override
    public int[] encodeContinuation(String text) {
        return encode(text);
    }

    @Override
    public Encoding encodeContinuationWithOffsets(String text) {
        return encodeWithOffsets(text);
    }

    @Override
    public String decode(int[] tokens) {
        StringBuilder text = new StringBuilder();
        for (int id : tokens) {
            String word = words.get(id);
            text.append(word.equals("\n") ? "" : " ").append(word);
        }
        return text.toString();
    }

    @Override
    public String token(int id) {
        return words.get(id);
    }

    @Override
    public int size() {
        return words.size();
    }
}
