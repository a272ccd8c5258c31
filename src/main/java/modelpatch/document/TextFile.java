package modelpatch.document;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.Numbers;

/** Reads text that people wrote: UTF-8 with or without byte order mark, no control characters but tabs and line ends. */
public final class TextFile {
    /** Far above any list of facts or sentences, far below what would fill the memory. */
    private static final long LARGEST = 256L << 20;

    private TextFile() {}

    /** @throws BadInput when the file cannot be read, is no UTF-8 or holds control characters */
    public static String read(Path file) {
        byte[] bytes = bytes(file, LARGEST);
        requireText(file, bytes);
        String text = decode(file, bytes);
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
                throw new BadInput(
                        "control character",
                        position(file, text, at),
                        "plain text",
                        Numbers.format("U+%04X", (int) c),
                        "remove it or save the file as UTF-8 text");
            }
        }
        return text;
    }

    /** The bytes of a file of at most so many. */
    static byte[] bytes(Path file, long largest) {
        try {
            if (Files.isDirectory(file)) {
                throw new BadInput("not a file", file.toString(), "a text file", "a directory", "name the file in it");
            }
            if (!Files.exists(file)) {
                throw new BadInput("no such file", file.toString(), "a text file", "nothing", "check the path");
            }
            long size = Files.size(file);
            if (size > largest) {
                throw new BadInput(
                        "file too large",
                        file.toString(),
                        "at most " + largest + " bytes",
                        size + " bytes",
                        "split it, or check whether it is another file under that name");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    /** Tells what people take for text by its first bytes. */
    private static void requireText(Path file, byte[] bytes) {
        String start = new String(bytes, 0, Math.min(4, bytes.length), StandardCharsets.ISO_8859_1);
        Map<String, String> others = Map.of(
                "PK\u0003\u0004", "a spreadsheet or another zip archive",
                "\u001F\u008B", "a gzip archive",
                "PAR1", "a Parquet file",
                "\u00FF\u00FE", "UTF-16",
                "\u00FE\u00FF", "UTF-16",
                "GGUF", "a GGUF model");
        others.forEach((magic, kind) -> {
            if (start.startsWith(magic)) {
                throw new BadInput("no plain text", file.toString(), "UTF-8 text", kind, "save it as UTF-8 text");
            }
        });
    }

    private static String decode(Path file, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var result = decoder.decode(in, out, true);
        out.flip();
        String text = out.toString();
        if (result.isError()) {
            try {
                result.throwException();
            } catch (CharacterCodingException e) {
                throw new BadInput(
                                "not UTF-8",
                                position(file, text, text.length()),
                                "UTF-8 text",
                                Numbers.format("byte 0x%02X", bytes[in.position()] & 0xff),
                                "save the file as UTF-8")
                        .causedBy(e);
            }
        }
        return text;
    }

    /** {@code file:line:column} of a character, both counted from 1. */
    private static String position(Path file, String text, int at) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < at; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return file + ":" + line + ":" + (at - lineStart + 1);
    }
}
