package modelpatch.guard;

import java.io.StringWriter;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import modelpatch.Numbers;

/** Results as the XML that Surefire writes, which build servers read: one test suite per suite, one test per case and per check. */
public final class JUnitXml {
    private JUnitXml() {}

    /** The document of some results. */
    public static String of(List<SuiteResult> results) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            for (SuiteResult result : results) {
                suite(xml, result);
            }
            xml.writeCharacters("\n");
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return text.append('\n').toString();
    }

    private static void suite(XMLStreamWriter xml, SuiteResult result) throws XMLStreamException {
        List<CaseResult> cases = result.cases();
        long tied = cases.stream()
                .filter(one -> one.outcome() == CaseResult.Outcome.TIED)
                .count();
        long failures = cases.stream().filter(one -> breaks(result, one)).count()
                + result.checks().stream().filter(check -> !check.passed()).count();
        start(xml, 1, "testsuite");
        attribute(xml, "name", result.suite());
        xml.writeAttribute(
                "tests", String.valueOf(cases.size() + result.checks().size()));
        xml.writeAttribute("failures", String.valueOf(failures));
        xml.writeAttribute("errors", "0");
        xml.writeAttribute("skipped", String.valueOf(tied + allowed(result)));
        xml.writeAttribute("time", seconds(result.seconds()));
        start(xml, 2, "properties");
        property(xml, "file", result.file());
        property(xml, "model", result.model());
        property(xml, "model_digest", result.modelDigest());
        property(xml, "patches", String.join(" ", result.patches()));
        property(xml, "protocol", result.protocol());
        property(xml, "model_bytes", String.valueOf(result.modelBytes()));
        end(xml, 2);
        double each = cases.isEmpty() ? 0 : result.seconds() / cases.size();
        for (CaseResult one : cases) {
            start(xml, 2, "testcase");
            attribute(xml, "classname", result.suite() + "." + one.set());
            attribute(xml, "name", one.id());
            xml.writeAttribute("time", seconds(each));
            if (breaks(result, one)) {
                failure(
                        xml,
                        "expected " + one.expected().get(0) + ", found "
                                + (one.found().isEmpty() ? "nothing" : one.found()),
                        one.message());
            } else if (one.outcome() != CaseResult.Outcome.HOLDS) {
                start(xml, 3, "skipped");
                xml.writeAttribute(
                        "message",
                        one.fails() ? "wrong, within the budget of its set" : "tied: rounding decides the answer");
                xml.writeEndElement();
            }
            end(xml, 2);
        }
        for (SuiteResult.Check check : result.checks()) {
            start(xml, 2, "testcase");
            attribute(xml, "classname", result.suite() + ".checks");
            attribute(xml, "name", check.name());
            xml.writeAttribute("time", "0.000");
            if (!check.passed()) {
                failure(xml, check.message(), check.message());
            }
            end(xml, 2);
        }
        end(xml, 1);
    }

    /** Whether a wrong case breaks its suite: a set within its budget breaks nothing. */
    static boolean breaks(SuiteResult result, CaseResult one) {
        return one.fails() && result.sets().stream().anyMatch(set -> set.set().equals(one.set()) && !set.passed());
    }

    private static long allowed(SuiteResult result) {
        return result.cases().stream()
                .filter(one -> one.fails() && !breaks(result, one))
                .count();
    }

    private static void failure(XMLStreamWriter xml, String message, String text) throws XMLStreamException {
        start(xml, 3, "failure");
        xml.writeAttribute("message", clean(message));
        xml.writeAttribute("type", "regression");
        xml.writeCharacters(clean(text));
        xml.writeEndElement();
    }

    private static void property(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        start(xml, 3, "property");
        xml.writeAttribute("name", name);
        xml.writeAttribute("value", clean(value));
        xml.writeEndElement();
    }

    private static void attribute(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, clean(value));
    }

    private static void start(XMLStreamWriter xml, int depth, String element) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
        xml.writeStartElement(element);
    }

    private static void end(XMLStreamWriter xml, int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
        xml.writeEndElement();
    }

    /** Without characters that XML 1.0 cannot hold, which a model may well write. */
    private static String clean(String text) {
        StringBuilder kept = new StringBuilder();
        text.codePoints()
                .map(c -> c == '\t'
                                || c == '\n'
                                || (c >= 0x20 && c <= 0xD7FF)
                                || (c >= 0xE000 && c <= 0xFFFD)
                                || c > 0xFFFF
                        ? c
                        : 0xFFFD)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    private static String seconds(double value) {
        return Numbers.decimal(value, 3);
    }
}
