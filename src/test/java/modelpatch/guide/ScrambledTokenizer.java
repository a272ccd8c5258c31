package modelpatch.guide;

import modelpatch.tokenizer.Encoding;
import modelpatch.tokenizer.Tokenizer;

/** A tokenizer some of whose tokens have other names. */
record ScrambledTokenizer(Tokenizer own, int first, String name, String next) implements Tokenizer {
    /** Tokens 10 and 11 in each other's place. */
    static Tokenizer of(Tokenizer own) {
        return new ScrambledTokenizer(own, 10, own.token(11), own.token(10));
    }

    /** One token under a name that nobody else uses. */
    static Tokenizer without(Tokenizer own, int id) {
        return new ScrambledTokenizer(own, id, "no such word", own.token(id + 1));
    }

    @Override
    public int[] encodeContinuation(String text) {
        return own.encodeContinuation(text);
    }

    @Override
    public Encoding encodeWithOffsets(String text) {
        return own.encodeWithOffsets(text);
    }

    @Override
    public Encoding encodeContinuationWithOffsets(String text) {
        return own.encodeContinuationWithOffsets(text);
    }

    @Override
    public String decode(int[] ids) {
        return own.decode(ids);
    }

    @Override
    public String token(int id) {
        return id == first ? name : id == first + 1 ? next : own.token(id);
    }

    @Override
    public int size() {
        return own.size();
    }

    @Override
    public void close() {}
}
