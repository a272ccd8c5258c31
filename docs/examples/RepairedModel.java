import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import modelpatch.Installation;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Method;
import modelpatch.evaluate.Evaluate;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Questions;
import modelpatch.export.Export;
import modelpatch.export.ExportFormat;
import modelpatch.guard.Gates;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.Find;
import modelpatch.patch.PatchStack;
import modelpatch.patch.PatchStore;
import modelpatch.repair.Authorship;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;
import modelpatch.repair.Wishes;
import modelpatch.report.EvaluationView;
import modelpatch.report.ExportView;
import modelpatch.report.FindingsView;
import modelpatch.report.RepairView;
import modelpatch.train.World;

/** Finds, repairs, evaluates and exports the default model. Arguments: a new folder to write to, and how many of its questions to ask. */
public class RepairedModel {
    public static void main(String[] arguments) {
        Path out = Path.of(arguments[0]);
        long seed = 1;
        Clock clock = Clock.systemUTC();
        Onlooker nobody = Onlooker.NOBODY; // follows the progress
        Installation here = Installation.here();
        Path model = here.model("default");
        Questions questions = Questions.bare(World.read(model).asked().sample(Integer.parseInt(arguments[1]), seed));
        PatchStore store = PatchStore.at(out.resolve("patches"), clock);
        try (PatchedModel base = PatchedModel.open(model, PatchStack.empty())) {
            var found = new Find(base.model(), questions, Find.Options.defaults(seed), clock).run(nobody);
            System.out.println(FindingsView.text(found));
            var task = new Repair.Task(base, questions, found.findings());
            // without wishes, method and layers are searched for, which takes minutes
            var wishes = Wishes.on(List.of(4, 5)).with(Method.SPREAD_RESTORING).with(EditedMatrix.W_DOWN);
            var gates = Gates.DEFAULTS.orUndecided(); // twelve questions decide little
            var options = RepairOptions.defaults(gates, seed).with(wishes);
            var repair = new Repair(task, options, Surroundings.of(here, out.resolve("cache")), clock);
            System.out.println(RepairView.text(repair.run(Authorship.of("an example", store), nobody)));

            try (PatchedModel patched = PatchedModel.open(model, store.stack(base.digest()))) {
                var evaluate = new Evaluate(patched.model(), questions, Evaluate.Options.defaults(seed));
                System.out.println(EvaluationView.text(evaluate.run(nobody).get(0)));
                var format = ExportFormat.named("safetensors").orElseThrow();
                var export = new Export(format, Export.Options.to(out.resolve("model"), here.canary()));
                System.out.println(ExportView.text(export.writeAndRun(patched)));
            }
        }
    }
}
