// Kernels, one at a time: dotnet run -c Release --project bench/Caliper.Benchmarks -- --filter '*Observer*'
// End to end there is `caliper bench`.
using BenchmarkDotNet.Running;
using Caliper.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(ObserverBenchmarks).Assembly).Run(args, new PerElement());
