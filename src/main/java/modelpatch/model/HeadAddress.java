package modelpatch.model;

import modelpatch.BadInput;

/**
 * One query head; printed as {@code L5H3}.
 *
 * @param layer block, from 0
 * @param head query head within the block, from 0
 */
public record HeadAddress(int layer, int head) implements Comparable<HeadAddress> {
    public HeadAddress {
        if (layer < 0 || head < 0) {
            throw new IllegalArgumentException("head L" + layer + "H" + head);
        }
    }

    /** Reads {@code L5H3}. */
    public static HeadAddress parse(String text) {
        java.util.regex.Matcher matcher =
                java.util.regex.Pattern.compile("L(\\d{1,4})H(\\d{1,4})").matcher(text.strip());
        if (!matcher.matches()) {
            throw new BadInput("not a head", text, "a layer and a head such as L5H3", text, "count both from 0");
        }
        return new HeadAddress(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public int compareTo(HeadAddress other) {
        return layer != other.layer ? Integer.compare(layer, other.layer) : Integer.compare(head, other.head);
    }

    @Override
    public String toString() {
        return "L" + layer + "H" + head;
    }
}
