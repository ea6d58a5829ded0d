// PyTorch's tutorial "Static Quantization with Eager Mode in PyTorch", in C#: the same steps in the same order, with the
// same names. Its network is MobileNetV2 on ImageNet; here it is a small MobileNetV2 on the glyphs of samples/glyphs, so
// that the whole script takes seconds and downloads nothing.
//
//     dotnet run -c Release --project samples/StaticQuantization [-- --data FOLDER] [--model FILE.pth] [--output FILE.onnx]
//
// FOLDER holds the folders `calibration` and `test`, each with a folder of images for each class, as
// `caliper demo --output FOLDER` writes them.
using System.Diagnostics;
using Caliper;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Tool.Demo;
using Caliper.Graphs;
using Caliper.Imaging;
using Caliper.Onnx;
using Caliper.Torch;

// 1. Model architecture
// ---------------------
// See src/Caliper.Torch/Networks/MobileNetV2.cs, which reads like the Python and has torchvision's parameter names. Three
// things that the Python needs are not needed: QuantStub and DeQuantStub, because the graph shows where int8 begins and
// ends; FloatFunctional, because an addition is a node like any other; and replacing ReLU6 by ReLU, because a clipped
// range is observed as it is.

// 2. Helper functions
// -------------------
// AverageMeter, Accuracy and CrossEntropyLoss are in Caliper.Evaluation.

// Look closely: this does inference and nothing else. It is what calibrates, further down.
static (AverageMeter Top1, AverageMeter Top5) Evaluate(IModel model, ICriterion criterion, IEnumerable<Batch> dataLoader, int nevalBatches)
{
    var top1 = new AverageMeter("Acc@1");
    var top5 = new AverageMeter("Acc@5");
    var losses = new AverageMeter("Loss", "{0:F4}");
    var cnt = 0;
    foreach (var batch in dataLoader)
    {
        var output = model.Run(batch.Inputs).Values.Single();
        var target = batch.Labels!.Value.AsSpan();
        var loss = criterion.Loss(output, target);
        cnt += 1;
        var accuracy = Accuracy.TopK(output, target, 1, 5);
        Console.Write('.');
        top1.Update(accuracy[0], batch.Count);
        top5.Update(accuracy[1], batch.Count);
        losses.Update(loss, batch.Count);
        if (cnt >= nevalBatches) break;
    }
    Console.WriteLine($" {top1} {top5} {losses}");
    return (top1, top5);
}

static FloatModel LoadModel(string modelFile)
{
    var model = Architectures.Create("glyphs");
    var stateDict = Checkpoint.Load(modelFile);
    return model.ToModel(stateDict, inputShape: Shape.Of(3, 32, 32));
}

static void PrintSizeOfModel(Model model) =>
    Console.WriteLine(FormattableString.Invariant($"Size (MB): {OnnxFile.ToBytes(model).Length / 1e6:F3}"));

// Python prints a part of a model by naming it: print(model.features[1].conv). Here the printed model is cut.
static string Part(object model, params string[] path)
{
    var lines = model.ToString()!.Split('\n').AsEnumerable();
    foreach (var name in path)
    {
        lines = lines.SkipWhile(l => l.Trim() != $"({name}):").Skip(1).ToArray();
        var depth = lines.First().TakeWhile(c => c == ' ').Count();
        lines = lines.TakeWhile(l => l.TakeWhile(c => c == ' ').Count() >= depth).ToArray();
    }
    return string.Join('\n', lines);
}

// 3. Define dataset and data loaders
// ----------------------------------
static (ILoader DataLoader, ILoader DataLoaderTest) PrepareDataLoaders(string? dataPath, int trainBatchSize, int evalBatchSize)
{
    if (dataPath is null)
        return (new GlyphData(GlyphSheet.Read("glyphs.calibration.png"), trainBatchSize),
            new GlyphData(GlyphSheet.Read("glyphs.test.png"), evalBatchSize));

    var transform = new Preprocessing { Mean = [GlyphData.MeanAndStd], Std = [GlyphData.MeanAndStd] };
    var dataset = DataSource.Open(Path.Combine(dataPath, "calibration"), transform, trainBatchSize);
    var datasetTest = DataSource.Open(Path.Combine(dataPath, "test"), transform, evalBatchSize);
    return (dataset, datasetTest);
}

string? Argument(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
var floatModelFile = Argument("--model") ?? Path.Combine(AppContext.BaseDirectory, "glyphs.pth");
var quantizedModelFile = Argument("--output") ?? "glyphs.int8.onnx";

const int trainBatchSize = 20;
const int evalBatchSize = 50;

var (dataLoader, dataLoaderTest) = PrepareDataLoaders(Argument("--data"), trainBatchSize, evalBatchSize);
var criterion = new CrossEntropyLoss();
using var floatModel = LoadModel(floatModelFile);

// Next, "fuse modules": batch norms disappear into the convolutions before them, ReLU6 joins what it follows.
Console.WriteLine("\nInverted Residual Block: Before fusion\n");
foreach (var node in floatModel.Model.Graph.Nodes.Where(n => n.Name.StartsWith("features.2.", StringComparison.Ordinal))) Console.WriteLine(node);

using var fusedModel = floatModel.Fuse();
Console.WriteLine("\nInverted Residual Block: After fusion\n");
Console.WriteLine(Part(fusedModel, "features", "2"));

// The baseline: the accuracy of the float model.
const int numEvalBatches = 1000;
Console.WriteLine("\nSize of baseline model");
PrintSizeOfModel(floatModel.Model);
var (top1, _) = Evaluate(fusedModel, criterion, dataLoaderTest, nevalBatches: numEvalBatches);
Console.WriteLine(FormattableString.Invariant($"Evaluation accuracy on {top1.Count} images, {top1.Avg:F2}"));

// 4. Post-training static quantization
// ------------------------------------
const int numCalibrationBatches = 32;

// Start with simple min/max range estimation and per-tensor quantization of weights.
var qconfig = QConfig.PyTorchDefault;
Console.WriteLine($"\n{qconfig.Activation}\n{qconfig.Weight}");
using (var myModel = fusedModel.Prepare(qconfig))
{
    Console.WriteLine("Post Training Quantization Prepare: Inserting Observers");
    Console.WriteLine("\nInverted Residual Block: After observer insertion\n");
    Console.WriteLine(Part(myModel, "features", "2"));

    // Calibrate with the training set: forward passes, and the observers watch.
    Evaluate(myModel, criterion, dataLoader, nevalBatches: numCalibrationBatches);
    Console.WriteLine("Post Training Quantization: Calibration done");
    Console.WriteLine("\nInverted Residual Block: After calibration\n");
    Console.WriteLine(Part(myModel, "features", "2"));

    // Convert to quantized model
    using var myQuantizedModel = myModel.Convert();
    Console.WriteLine("Post Training Quantization: Convert done");
    Console.WriteLine("\nSize of model after quantization");
    PrintSizeOfModel(myQuantizedModel.Model);
    (top1, _) = Evaluate(myQuantizedModel, criterion, dataLoaderTest, nevalBatches: numEvalBatches);
    Console.WriteLine(FormattableString.Invariant($"Evaluation accuracy on {top1.Count} images, {top1.Avg:F2}"));
}

// The same exercise with the recommended configuration (in the Python, get_default_qconfig('x86'); here also QConfig.X86):
//   - it quantizes weights per channel;
//   - it collects a histogram of activations, and picks the range that loses least.
qconfig = QConfig.Default;
Console.WriteLine($"\n{qconfig.Activation}\n{qconfig.Weight}");
using var perChannelModel = fusedModel.Prepare(qconfig);
Evaluate(perChannelModel, criterion, dataLoader, numCalibrationBatches);
using var perChannelQuantizedModel = perChannelModel.Convert();
(top1, _) = Evaluate(perChannelQuantizedModel, criterion, dataLoaderTest, nevalBatches: numEvalBatches);
Console.WriteLine(FormattableString.Invariant($"Evaluation accuracy on {top1.Count} images, {top1.Avg:F2}"));
perChannelQuantizedModel.Save(quantizedModelFile);

// 5. Quantization-aware training: Caliper does not train.

// Speedup from quantization
// -------------------------
static void RunBenchmark(IModel model, IEnumerable<Batch> imgLoader)
{
    var numBatches = 5;
    var images = imgLoader.Take(numBatches).ToArray();
    model.Run(images[0].Inputs);
    var start = Stopwatch.GetTimestamp();
    foreach (var batch in images) model.Run(batch.Inputs);
    var elapsed = Stopwatch.GetElapsedTime(start) / images.Sum(batch => batch.Count);
    Console.WriteLine(FormattableString.Invariant($"Elapsed time: {elapsed.TotalMilliseconds:F3} ms an image"));
}

Console.WriteLine();
RunBenchmark(floatModel, dataLoaderTest);
using var savedModel = QuantizedModel.Load(quantizedModelFile);
RunBenchmark(savedModel, dataLoaderTest);
