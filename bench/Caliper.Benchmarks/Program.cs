// Kernels, one at a time: dotnet run -c Release --project bench/Caliper.Benchmarks -- --filter '*Observer*'
// What each way to choose a range is worth: dotnet run -c Release --project bench/Caliper.Benchmarks -- ranges
// What observing costs beside forward passes: ... -- calibration squeezenet1_0.onnx IMAGES caffe 227 2
// The convolutions of a network, as shares of the processor's peak: ... -- layers resnet50
// The same with activations of 16 bits, against 8 bits and float32: ... -- words resnet50
// The rooms of the house as drawings, for docs/architecture.md: ... -- rooms
// docs/8-operators.md: ... -- operators > docs/8-operators.md
// What recovery is worth on a folder of trained networks: ... -- recovery Caliper.Tool.dll ZOO [SECONDS to tune]
// Whether errors grow over 10,000 steps of a stream: ... -- streams FLOAT.onnx INT8.onnx DATA.npz OUT=IN [OUT=IN ...]
// Layers that stay float, as whole networks against ONNX Runtime: ... -- floats MODEL.onnx [MODEL.onnx=LENGTH ...]
// What a new shape costs a network with free axes: ... -- shapes INT8.onnx 1000 32-640
// Texts of random length on many threads for an hour, each answer compared: ... -- soak INT8.onnx 10000 1-256 16 60
// Whether what compare promises is what its fixes give: ... -- promises SHARED [NETWORK ...]
// Loading and fusing, against another build: ... -- load OLD/Caliper.Tool.dll NEW/Caliper.Tool.dll MODEL.onnx
// Runs of int8 files, against another build: ... -- runs OLD/Caliper.Tool.dll NEW/Caliper.Tool.dll THREADS BATCH INT8.onnx ...
// End to end there is `caliper bench`; networks for it with random weights: ... -- untrained FOLDER
using BenchmarkDotNet.Running;
using Caliper.Benchmarks;
using Caliper.Benchmarks.Layers;
using Caliper.House;

if (args is ["calibration", var model, var data, var preset, var crop, var threads])
    CalibrationCost.Print(model, data, preset, crop, Number(threads));
else if (args is ["ranges"]) RangeTable.Print(Console.Out);
else if (args is ["rooms"]) Console.Write(RoomDrawing.Draw(Environment.CurrentDirectory));
else if (args is ["operators"]) OperatorPage.Print(Console.Out);
else if (args is ["untrained", var folder]) UntrainedNetworks.Write(folder);
else if (args is [("layers" or "tiles") and var kind, var network]) LayerReport.Print(network, allTiles: kind == "tiles");
else if (args is ["load", var old, var current, .. var models]) LoadTime.Print(old, current, models);
else if (args is ["runs", var before, var after, var workers, var batch, .. var files])
    RunTime.Print(before, after, Number(workers), Number(batch), files);
else if (args is ["recovery", var tool, var zoo, .. var budget]) RecoveryTable.Print(tool, zoo, budget.FirstOrDefault());
else if (args is ["streams", var floats, var int8, var steps, .. var feeds]) StreamDrift.Print(floats, int8, steps, feeds);
else if (args is ["shapes", var plans, var shapes, var lengths])
    PlanCost.Print(plans, Number(shapes), lengths);
else if (args is ["soak", var encoder, var texts, var tokens, var askers, var minutes])
    return TextSoak.Print(encoder, Number(texts), tokens, Number(askers), Number(minutes));
else if (args is ["promises", var shared, .. var only]) PromiseTable.Print(shared, only);
else if (args is ["floats", .. var networks]) FloatTable.Print(networks);
else if (args is ["words", var layers]) WordReport.Print(layers);
else BenchmarkSwitcher.FromAssembly(typeof(ObserverBenchmarks).Assembly).Run(args, new PerElement());
return 0;

static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
