using System.Globalization;
using Caliper.Fuzz;

// Mutated ONNX files through load, fuse, prepare, convert, plan and run, in child processes.
//   Caliper.Fuzz run   [--seed 1] [--first 0] [--count 1000] [--out FOLDER]   starts children and reports; 1 where something was found
//   Caliper.Fuzz batch  --seed 1   --first 0   --count 1000                   what a child does
//   Caliper.Fuzz make   --seed 1   --first 17               --out FOLDER      writes one mutant
//   Caliper.Fuzz one    FILE [--variant 17]                                   one file, in this process
//   Caliper.Fuzz show   FILE                                                  its nodes and constants
//   Caliper.Fuzz methods [--seed 1] [--count 5000]                            calls public methods with whatever there is; exits as run
//   Caliper.Fuzz files   [--seed 1] [--count 100]                             damages files of all kinds, for all methods that read one
// All but the last two take --cases FOLDER too, whose models of up to 100 kB are mutated besides.
var options = new Dictionary<string, string>(StringComparer.Ordinal);
for (var i = 1; i + 1 < args.Length; i += 2) options[args[i]] = args[i + 1];
var mutants = new Mutants(Number("--seed", 1), options.GetValueOrDefault("--cases"));
if (args.Length > 2 && args[0] == "one") for (var i = 2; i + 1 < args.Length; i += 2) options[args[i]] = args[i + 1];
var variant = Number("--variant", 0);
var (first, count) = (Number("--first", 0), Number("--count", 1000));
switch (args.FirstOrDefault())
{
    case "run":
        return new FuzzRun(mutants, options.GetValueOrDefault("--out")).Run(first, count) == 0 ? 0 : 1;
    case "batch":
        FuzzBatch.Run(mutants, first, count);
        return 0;
    case "make":
        File.WriteAllBytes(Path.Combine(options.GetValueOrDefault("--out", "."), $"{first}.onnx"), mutants.Make(first));
        return 0;
    case "one" when args.Length > 1:
        Console.WriteLine(Pipeline.Try(File.ReadAllBytes(args[1]), variant) is { } found
            ? $"{found.Kind} at {found.Place}\n{found.Message}" : "nothing");
        return 0;
    case "show" when args.Length > 1:
        Console.WriteLine(ShownFile.Of(File.ReadAllBytes(args[1])));
        return 0;
    case "methods":
        return new MethodRun(Number("--seed", 1)).Run(Number("--count", 5000)) == 0 ? 0 : 1;
    case "files":
        return new FileRun(Number("--seed", 1)).Run(Number("--count", 100)) == 0 ? 0 : 1;
    default:
        Console.WriteLine("run | batch | make | one | show | methods | files; see Program.cs");
        return 2;
}

int Number(string name, int whenAbsent) =>
    options.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : whenAbsent;
