using System.Diagnostics;
using System.Globalization;
using Caliper;
using Glyphs.Layers;
using Glyphs.Rendering;
using Glyphs.Simulation;
using Glyphs.Training;

namespace Glyphs;

/// <summary>What the program can do.</summary>
internal static class Commands
{
    private const ulong CalibrationSeed = 1, TestSeed = 2, TrainingSeed = 3;
    private const int CalibrationPerClass = 20, TestPerClass = 50;

    private const string Usage = """
        Glyphs.Maker draws the images of samples/glyphs and trains its network. Run it from the root of the repository.

          generate   draws calibration.png and test.png
          train      trains the network, writes glyphs.pth, and evaluates it
          evaluate   evaluates glyphs.pth: as float, and as int8 would do

          --folder DIR    where the files are (samples/glyphs)
          --fonts DIR     where the fonts are (/usr/share/fonts)
          --threads N     threads; their number changes no result (2)
          --epochs N, --spread X, --least X    training options, to try others than those of the committed network
        """;

    /// <summary>Runs a command.</summary>
    /// <returns>0, or 2 where the command line is not understood.</returns>
    public static int Run(string[] args, TextWriter output)
    {
        if (args.Length % 2 == 0 || args[0] is not ("generate" or "train" or "evaluate"))
        {
            output.WriteLine(Usage);
            return 2;
        }
        var given = Options(args);
        var folder = given.GetValueOrDefault("--folder", "samples/glyphs");
        var fonts = given.GetValueOrDefault("--fonts", "/usr/share/fonts");
        var workers = new Workers(Math.Max(1, (int)Number(given, "--threads", 2)));
        var defaults = new TrainingOptions();
        var options = defaults with
        {
            Epochs = (int)Number(given, "--epochs", defaults.Epochs),
            ChannelSpread = Number(given, "--spread", defaults.ChannelSpread),
            LeastChannelScale = Number(given, "--least", defaults.LeastChannelScale),
        };
        switch (args[0])
        {
            case "generate": Generate(folder, FontSet.Load(fonts), workers, output); break;
            case "train": Train(folder, FontSet.Load(fonts), options, workers, output); break;
            default: Evaluate(folder, workers, output); break;
        }
        return 0;
    }

    private static Dictionary<string, string> Options(string[] args)
    {
        string[] known = ["--folder", "--fonts", "--threads", "--epochs", "--spread", "--least"];
        var given = new Dictionary<string, string>();
        for (var i = 1; i < args.Length; i += 2)
        {
            if (!known.Contains(args[i])) throw new CaliperException($"There is no option '{args[i]}'.");
            given[args[i]] = args[i + 1];
        }
        return given;
    }

    private static void Generate(string folder, FontSet fonts, Workers workers, TextWriter output)
    {
        Save(GlyphSet.Draw(fonts, CalibrationSeed, CalibrationPerClass, workers.Threads), "calibration.png");
        Save(GlyphSet.Draw(fonts, TestSeed, TestPerClass, workers.Threads), "test.png");

        void Save(GlyphSet set, string name)
        {
            var path = Path.Combine(folder, name);
            ContactSheet.Save(set, path);
            Say(output, $"{path}: {set.Count} images, {set.ImagesPerClass} of each class, {new FileInfo(path).Length} bytes");
        }
    }

    private static void Train(string folder, FontSet fonts, TrainingOptions options, Workers workers, TextWriter output)
    {
        var clock = Stopwatch.StartNew();
        var test = ContactSheet.Load(Path.Combine(folder, "test.png"));
        var training = GlyphSet.Draw(fonts, TrainingSeed, options.ImagesPerClass, workers.Threads);
        Say(output, $"{training.Count} training images, {options}");
        var network = Trainer.Train(training, options, workers, (network, progress) => Say(output,
            $"epoch {progress.Epoch,2}  loss {progress.Loss:f4}  Acc@1 {Accuracy.Of(network, test):f2}  {clock.Elapsed:mm\\:ss}"));
        GlyphCheckpoint.Save(network, Path.Combine(folder, "glyphs.pth"));
        Evaluate(folder, workers, output);
    }

    private static void Evaluate(string folder, Workers workers, TextWriter output)
    {
        var calibration = ContactSheet.Load(Path.Combine(folder, "calibration.png"));
        var test = ContactSheet.Load(Path.Combine(folder, "test.png"));
        var network = GlyphCheckpoint.Load(Path.Combine(folder, "glyphs.pth"), workers);
        Say(output, $"parameters  {network.Parameters.Sum(p => p.Values.Length)}");
        Say(output, $"float       {Accuracy.Of(network, test):f2}");
        foreach (var recipe in QuantizationRecipe.All)
        {
            var accuracy = SimulatedInt8.Accuracy(network, calibration, test, recipe);
            Say(output, $"{recipe.Name,-11} {accuracy:f2}   {recipe.Description}");
        }
    }

    private static float Number(Dictionary<string, string> given, string name, float whenAbsent)
    {
        if (!given.TryGetValue(name, out var text)) return whenAbsent;
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new CaliperException($"{name} needs a number, not '{text}'.");
    }

    private static void Say(TextWriter output, FormattableString line) => output.WriteLine(FormattableString.Invariant(line));
}
