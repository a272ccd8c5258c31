package modelpatch.tokenizer;

import modelpatch.BadInput;

/**
 * A tokenizer with more ids than the embedding of its model has rows.
 *
 * @param rows of the embedding
 */
record TokenizerWithin(Tokenizer whole, int rows) implements Tokenizer {
    @Override
    public int[] encode(String text) {
        return requireRows(whole.encode(text), text);
    }

    @Override
    public int[] encodeContinuation(String text) {
        return requireRows(whole.encodeContinuation(text), text);
    }

    @Override
    public Encoding encodeWithOffsets(String text) {
        Encoding encoding = whole.encodeWithOffsets(text);
        requireRows(encoding.ids(), text);
        return encoding;
    }

    @Override
    public Encoding encodeContinuationWithOffsets(String text) {
        Encoding encoding = whole.encodeContinuationWithOffsets(text);
        requireRows(encoding.ids(), text);
        return encoding;
    }

    private int[] requireRows(int[] ids, String text) {
        for (int id : ids) {
            if (id >= rows) {
                throw new BadInput(
                        "token without a row in the embedding",
                        "text '" + (text.length() <= 60 ? text : text.substring(0, 57) + "...") + "'",
                        "ids 0 to " + (rows - 1),
                        id + ", " + whole.token(id),
                        "is this the tokenizer of another model? If not, leave that token out");
            }
        }
        return ids;
    }

    @Override
    public String decode(int[] ids) {
        return whole.decode(ids);
    }

    @Override
    public String token(int id) {
        return whole.token(id);
    }

    @Override
    public int size() {
        return whole.size();
    }

    @Override
    public void close() {
        whole.close();
    }
}
