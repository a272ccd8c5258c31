package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import modelpatch.Numbers;
import modelpatch.document.Json;

/**
 * SentencePiece's byte pairs as parts of a tokenizer.json: a blank is spelled ▁, of two neighbours the pair with the best score is joined
 * first, and what no piece spells is cut into bytes. (Sources: Kudo and Richardson 2018; how transformers derives merges from scores.)
 */
final class ScoredPieces {
    private static final String BLANK = "▁";
    private static final int BYTES = 256;

    /** Two pieces that make a third one, whose score says how early. Lengths count code points. */
    private record Merge(String left, String right, double score, int leftLength, int rightLength) {}

    /** The best score first; of equal ones the longest left part, then the longest right part, then the smallest id. */
    private static final Comparator<Merge> ORDER = Comparator.comparingDouble(Merge::score)
            .thenComparingInt(Merge::leftLength)
            .thenComparingInt(Merge::rightLength)
            .reversed();

    private ScoredPieces() {}

    /**
     * Every way to make a piece of two others, in the order in which they are joined.
     *
     * @param tokens by id, {@code [size]}
     * @param types of the tokens, {@code [size]}; control tokens and bytes are no pieces of text
     * @param scores of the tokens, {@code [size]}
     * @return pairs of texts
     */
    static ArrayNode merges(JsonNode tokens, JsonNode types, JsonNode scores) {
        Set<String> pieces = new HashSet<>();
        BitSet lengths = new BitSet();
        for (int id = 0; id < tokens.size(); id++) {
            if (isText(types.get(id).asInt())) {
                String piece = tokens.get(id).asText();
                pieces.add(piece);
                lengths.set(piece.length());
            }
        }
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (isText(types.get(id).asInt())) {
                split(tokens.get(id).asText(), scores.get(id).asDouble(), pieces, lengths, merges);
            }
        }
        merges.sort(ORDER);
        ArrayNode pairs = Json.array();
        merges.forEach(merge -> pairs.addArray().add(merge.left()).add(merge.right()));
        return pairs;
    }

    /** @param lengths that pieces have, so that a very long piece (of a damaged file) is not cut at every character */
    private static void split(String piece, double score, Set<String> pieces, BitSet lengths, List<Merge> merges) {
        for (int at = lengths.nextSetBit(1); at > 0 && at < piece.length(); at = lengths.nextSetBit(at + 1)) {
            if (!lengths.get(piece.length() - at)) {
                continue;
            }
            String left = piece.substring(0, at);
            String right = piece.substring(at);
            if (pieces.contains(left) && pieces.contains(right)) {
                merges.add(new Merge(
                        left,
                        right,
                        score,
                        left.codePointCount(0, left.length()),
                        right.codePointCount(0, right.length())));
            }
        }
    }

    private static boolean isText(int type) {
        return type == GgufTokenizer.NORMAL || type == GgufTokenizer.USER_DEFINED;
    }

    /** Whether every byte is a token, so that every text can be spelled. */
    static boolean everyByte(JsonNode vocabulary) {
        for (int value = 0; value < BYTES; value++) {
            if (!vocabulary.has(Numbers.format("<0x%02X>", value))) {
                return false;
            }
        }
        return true;
    }

    /** @param prefixed whether a blank is put before a text, so that its first word is spelled as the others are */
    static ObjectNode normalizer(boolean prefixed) {
        ObjectNode sequence = PreTokenizer.typed("Sequence");
        ArrayNode steps = sequence.putArray("normalizers");
        if (prefixed) {
            steps.add(PreTokenizer.typed("Prepend").put("prepend", BLANK));
        }
        steps.add(replace(" ", BLANK));
        return sequence;
    }

    /** The inverse of {@link #normalizer}, and bytes made characters again. */
    static ObjectNode decoder(boolean prefixed) {
        ObjectNode sequence = PreTokenizer.typed("Sequence");
        ArrayNode steps = sequence.putArray("decoders");
        steps.add(replace(BLANK, " "));
        steps.add(PreTokenizer.typed("ByteFallback"));
        steps.add(PreTokenizer.typed("Fuse"));
        if (prefixed) {
            steps.add(PreTokenizer.typed("Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0));
        }
        return sequence;
    }

    private static ObjectNode replace(String text, String by) {
        ObjectNode replace = PreTokenizer.typed("Replace");
        replace.putObject("pattern").put("String", text);
        return replace.put("content", by);
    }
}
