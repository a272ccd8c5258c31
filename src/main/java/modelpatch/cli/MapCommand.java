package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Onlooker;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.CeilingMap;
import modelpatch.locate.CeilingMapper;
import modelpatch.repair.FoundCases;
import modelpatch.repair.Repair;
import modelpatch.report.CeilingMapPlot;
import modelpatch.report.CeilingMapView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch map}: where a repair could act, and how far it could get, before any edit. */
@Command(
        name = "map",
        header = "Shows where a repair could act and how far it could get, before any weight is changed.",
        description =
                "Takes the newest findings. Into each failure it puts the state that its guide has at the bridge, at the end of the first"
                        + " hops' phrase, for every pair of blocks, and reads the failure and other questions about the same bridge.",
        footer = "  patch map --findings findings/F.json --output map.json --svg map.svg")
final class MapCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    FindingsOptions findings;

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "60",
            description = "failures at most, drawn by the seed, at most three of a bridge and its last relation")
    int most;

    @Option(names = "--output", paramLabel = "FILE", description = "write the map as JSON")
    Path output;

    @Option(names = "--svg", paramLabel = "FILE", description = "draw the map")
    Path svg;

    MapCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        try (PatchedModel opened = model.open(this);
                Onlooker.Part progress = begin("cases")) {
            Repair.Task task = QuestionOptions.task(cases, protocol, model, findings, opened, this);
            CeilingMap map = new CeilingMapper(opened.model(), task.questions(), common.seed)
                    .of(FoundCases.spread(task, most, common.seed), progress);
            if (output != null) {
                AtomicFile.write(output, out -> ReportJson.mapper().writeValue(out, map));
            }
            if (svg != null) {
                AtomicFile.write(svg, out -> out.write(CeilingMapPlot.svg(map).getBytes(StandardCharsets.UTF_8)));
            }
            String written = output == null ? "--output FILE keeps this map" : "written: " + output;
            return Answer.of(map, () -> CeilingMapView.text(map) + "\n\n" + written)
                    .next(Hint.of("apply")
                            .with("--findings", findings.resolve())
                            .because("a permanent patch"));
        }
    }
}
