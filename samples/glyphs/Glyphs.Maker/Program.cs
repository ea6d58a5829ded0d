using System.Diagnostics;
using Glyphs.Layers;
using Glyphs.Rendering;
using Glyphs.Simulation;
using Glyphs.Training;
var fonts = FontSet.Load("/usr/share/fonts");
var w = Stopwatch.StartNew();
var o = new TrainingOptions();
var threads = 2;
for (var i = 0; i < args.Length; i += 2)
{
    var v = args[i + 1];
    float F() => float.Parse(v, System.Globalization.CultureInfo.InvariantCulture);
    switch (args[i])
    {
        case "--epochs": o = o with { Epochs = int.Parse(v) }; break;
        case "--n": o = o with { ImagesPerClass = int.Parse(v) }; break;
        case "--lr": o = o with { LearningRate = F() }; break;
        case "--wd": o = o with { WeightDecay = F() }; break;
        case "--ls": o = o with { LabelSmoothing = F() }; break;
        case "--spread": o = o with { ChannelSpread = F() }; break;
        case "--least": o = o with { LeastChannelScale = F() }; break;
        case "--threads": threads = int.Parse(v); break;
    }
}
var cal = GlyphSet.Draw(fonts, 1, 20, threads);
var test = GlyphSet.Draw(fonts, 2, 50, threads);
var train = GlyphSet.Draw(fonts, 3, o.ImagesPerClass, threads);
Console.WriteLine($"drawn {w.ElapsedMilliseconds}");
var net = Trainer.Train(train, o, new Workers(threads), (n, p) =>
{
    Console.Write($"{w.ElapsedMilliseconds / 1000.0:f1}s epoch {p.Epoch} loss {p.Loss:f4} test {Accuracy.Of(n, test):f2}");
    if (p.Epoch % 4 == 0 || p.Epoch == o.Epochs) Console.Write($" folded {Accuracy.Of(BatchNormFolding.Fold(n), test):f2} naive {SimulatedInt8.Accuracy(n, cal, test, QuantizationRecipe.Naive):f2} good {SimulatedInt8.Accuracy(n, cal, test, QuantizationRecipe.Good):f2}");
    Console.WriteLine();
});
