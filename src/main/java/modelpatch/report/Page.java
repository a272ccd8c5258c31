package modelpatch.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import modelpatch.Versions;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.Json;

/**
 * What a command found as a web page for a colleague: one file that asks nothing of the network, and its figures beside it as SVG files.
 * Immutable once it is written; {@link #section} and {@link #figure} add to it.
 */
public final class Page {
    /** The page's file within its folder. */
    public static final String FILE = "index.html";

    private static final String FIGURES = "figures";

    private final String title;
    private final String lead;
    private final StringBuilder body = new StringBuilder();
    private final Map<String, String> figures = new LinkedHashMap<>();
    private String data = "null";
    private String script = "";

    /**
     * An empty page.
     *
     * @param lead a line below the title, plain text
     */
    public Page(String title, String lead) {
        this.title = title;
        this.lead = lead;
    }

    /** A page of what a command prints for a reader: its tables as tables, everything else as it stands. */
    public static Page ofText(String title, String lead, String text) {
        return new Page(title, lead).section("Result", PageText.html(text));
    }

    /** Adds a part with a heading; the content is HTML. */
    Page section(String heading, String html) {
        body.append("<section>\n<h2>")
                .append(escaped(heading))
                .append("</h2>\n")
                .append(html)
                .append("\n</section>\n");
        return this;
    }

    /**
     * Adds a figure, in the page and as a file.
     *
     * @param name of the file, without its ending
     * @param svg a whole SVG document
     */
    public Page figure(String name, String caption, String svg) {
        figures.put(name, svg);
        body.append(figureHtml(caption, svg));
        return this;
    }

    /** A figure within a section, kept as a file too. */
    String kept(String name, String caption, String svg) {
        figures.put(name, svg);
        return figureHtml(caption, svg);
    }

    private static String figureHtml(String caption, String svg) {
        String labelled = svg.replaceFirst("<svg ", "<svg role=\"img\" aria-label=\"" + escaped(caption) + "\" ");
        return "<figure>\n<figcaption>" + escaped(caption)
                + "</figcaption>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\"" + " aria-label=\""
                + escaped("figure: " + caption) + "\">" + labelled + "</div>\n</figure>\n";
    }

    /**
     * Gives the page data and the script that shows them.
     *
     * @param value becomes JSON
     * @param resource the script beside this class
     */
    Page showing(Object value, String resource) {
        data = Json.line(value).replace("<", "\\u003c");
        script = resource(resource);
        return this;
    }

    /** The whole page as HTML. */
    public String html() {
        return resource("page.html")
                .replace("{{style}}", resource("page.css"))
                .replace("{{title}}", escaped(title))
                .replace("{{lead}}", escaped(lead))
                .replace("{{version}}", escaped(Versions.modelpatch()))
                .replace("{{body}}", body)
                .replace("{{script}}", script)
                .replace("{{data}}", data);
    }

    /**
     * Writes the page and its figures, each in one step.
     *
     * @param folder made where it is missing
     * @return the page's file
     */
    public Path write(Path folder) {
        figures.forEach((name, svg) -> write(folder.resolve(FIGURES).resolve(name + ".svg"), svg));
        Path file = folder.resolve(FILE);
        write(file, html());
        return file;
    }

    private static void write(Path file, String text) {
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Text as HTML shows it, in an attribute too. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;")
                .replace("{", "&#123;"); // so that nothing in it passes for a place of the template
    }

    private static String resource(String name) {
        try (InputStream stream = Page.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("no " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
