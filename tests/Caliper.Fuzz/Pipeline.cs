using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Testing;

namespace Caliper.Fuzz;

/// <summary>The way of a file: load, fuse, prepare, calibrate, convert, write, read, plan, run. Each stage may refuse it by a
/// <see cref="CaliperException"/>; anything else is a finding.</summary>
internal static class Pipeline
{
    // Files that honestly describe a large network are not run.
    private const long MostProducts = 100_000_000;
    private const long MostBytes = 256 << 20;

    /// <summary>Files that were read.</summary>
    public static long Loaded { get; private set; }

    /// <summary>Files that were quantized.</summary>
    public static long Converted { get; private set; }

    /// <summary>Runs of the engine.</summary>
    public static long Ran { get; private set; }

    /// <summary>What went wrong with a file, or null.</summary>
    /// <param name="file">The file.</param>
    /// <param name="variant">Chooses kernels, threads, guard pages and the form of the quantized file.</param>
    public static Finding? Try(byte[] file, int variant)
    {
        try
        {
            var model = OnnxFile.Read(file);
            Loaded++;
            return Guarded(() => RunEngine(model, variant)) ?? Guarded(() => Quantize(model, variant));
        }
        catch (CaliperException)
        {
            return null;
        }
        catch (Exception error)
        {
            return Finding.Of(error);
        }
    }

    private static Finding? Guarded(Action stage)
    {
        try
        {
            stage();
            return null;
        }
        catch (CaliperException error)
        {
            return error.Message.Contains('\n', StringComparison.Ordinal) ? new("lines", "", error.Message.ReplaceLineEndings("|")) : null;
        }
        catch (Exception error)
        {
            return Finding.Of(error);
        }
    }

    private static void Quantize(Model model, int variant)
    {
        var execution = new ExecutionOptions { Backend = new StubBackend(variant), Threads = 1 };
        using var loaded = new FloatModel(model, execution);
        using var fused = loaded.Fuse();
        using var prepared = fused.Prepare(variant % 3 == 0 ? QConfig.PyTorchDefault : QConfig.Default);
        _ = prepared.ToString();
        prepared.Run(StubBackend.Tensors(prepared.Inputs, new Random(variant)));
        var format = variant % 2 == 0 ? Conversion.QuantizedFormat.Qdq : Conversion.QuantizedFormat.QOperator;
        using var quantized = prepared.Convert(new Conversion.ConvertOptions { AllowUnobserved = true, Format = format });
        Converted++;
        RunEngine(OnnxFile.Read(OnnxFile.ToBytes(quantized.Model)), variant);
        // One in four goes one of the ways beside the flow.
        if (variant / 2 % 4 == 0) FurtherMethods.Run(variant / 8 % FurtherMethods.Count, loaded, fused, prepared, quantized, variant);
    }

    private static unsafe void RunEngine(Model model, int variant)
    {
        using var session = Int8Session.FromModel(model, new Int8SessionOptions
        {
            Batch = 1 + variant % 3,
            Threads = variant % 16 == 0 ? 2 : 1,
            Kernels = (KernelSet)(variant % Enum.GetValues<KernelSet>().Length),
            Guard = variant % 5 == 0 ? MemoryGuard.Before : MemoryGuard.After,
            MostBytes = MostBytes,
        });
        var description = session.Describe();
        if (description.MultiplyAdds > MostProducts || description.Steps.Sum(s => s.Bytes) > MostProducts) return;
        var random = new Random(variant);
        if (session.IsStaged)
        {
            // It has no plan of its own whose memory could be given.
            session.Run(StubBackend.Tensors(session.Inputs, random));
            Ran++;
            return;
        }
        var memory = session.Inputs.Concat(session.Outputs)
            .Select(v => new GuardedMemory<byte>(checked((int)v.Type.ByteCount(v.Shape!.Value.ElementCount)))).ToArray();
        try
        {
            for (var i = 0; i < session.Inputs.Length; i++) random.NextBytes(memory[i].Span);
            session.RunRaw([.. memory.Select(m => { fixed (byte* at = m.Span) return (nint)at; })]);
            Ran++;
        }
        finally
        {
            foreach (var piece in memory) piece.Dispose();
        }
    }
}
