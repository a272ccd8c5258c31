package modelpatch.report;

import modelpatch.guard.VerifyDocument;

/** Whose signatures patches carry, for a reader. */
public final class VerifyView {
    private VerifyView() {}

    /** Signatures and objections of every patch, without a final newline. */
    public static String text(VerifyDocument document) {
        Table table = Table.of("patch", "author", "signer", "role", "time", "key", "state");
        for (VerifyDocument.Verified one : document.patches()) {
            String id = one.patch().substring(0, 12);
            one.signatures()
                    .forEach(signed -> table.row(
                            id,
                            one.author(),
                            signed.signer(),
                            signed.role().key(),
                            signed.time(),
                            signed.key(),
                            signed.state().key().replace('_', ' ')));
            if (one.signatures().isEmpty()) {
                table.row(id, one.author(), "nobody", "", "", "", "unsigned");
            }
        }
        StringBuilder text = new StringBuilder(table.toString()).append('\n');
        for (VerifyDocument.Verified one : document.patches()) {
            one.objections()
                    .forEach(objection -> text.append("no: ")
                            .append(one.patch(), 0, 12)
                            .append(": ")
                            .append(objection)
                            .append('\n'));
        }
        return text.append(document.passed() ? "whole and accepted" : "not accepted")
                .toString();
    }
}
