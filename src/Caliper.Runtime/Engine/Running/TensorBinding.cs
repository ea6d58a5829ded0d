using System.Buffers;
using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Engine.Running;

/// <summary>Tensors of the caller, found by name, held against what a network takes and gives, and kept where they are until disposed.</summary>
internal sealed unsafe class TensorBinding : IDisposable
{
    private readonly List<MemoryHandle> _pins;

    private TensorBinding(int count) => _pins = new(count);

    /// <summary>Where each tensor's memory begins, inputs first.</summary>
    public nint[] Slots => [.. _pins.Select(p => (nint)p.Pointer)];

    /// <summary>Binds the inputs and outputs of a network to the caller's memory.</summary>
    /// <exception cref="CaliperException">A tensor is missing, or of another type or shape.</exception>
    public static TensorBinding Of(ImmutableArray<Value> inputs, ImmutableArray<Value> outputs,
        IReadOnlyDictionary<string, Tensor> fed, IReadOnlyDictionary<string, Memory<byte>> given)
    {
        var binding = new TensorBinding(inputs.Length + outputs.Length);
        try
        {
            foreach (var input in inputs) binding._pins.Add(Find(input, fed).Bytes.Pin());
            foreach (var output in outputs)
            {
                if (!given.TryGetValue(output.Name, out var memory) || memory.Length != output.Type.ByteCount(output.Shape!.Value.ElementCount))
                    throw new CaliperException($"The output '{output.Name}' needs memory for {output.Type} {output.Shape}.");
                binding._pins.Add(memory.Pin());
            }
            return binding;
        }
        catch
        {
            binding.Dispose();
            throw;
        }
    }

    /// <summary>New memory for each output, by name.</summary>
    public static Dictionary<string, Memory<byte>> MemoryFor(ImmutableArray<Value> outputs) => outputs.ToDictionary(o => o.Name, o =>
        new byte[o.Type.ByteCount(o.Shape!.Value.ElementCount)].AsMemory(), StringComparer.Ordinal);

    /// <summary>Copies results into memory of the caller's.</summary>
    /// <exception cref="CaliperException">An output has no fixed shape, or memory of another length.</exception>
    public static void Copy(IReadOnlyDictionary<string, Tensor> results, ImmutableArray<Value> outputs,
        IReadOnlyDictionary<string, Memory<byte>> given)
    {
        foreach (var output in outputs)
        {
            if (output.Shape is not { IsStatic: true } shape)
                throw new CaliperException($"How large the output '{output.Name}' is only a run knows; let the session return it.");
            if (!given.TryGetValue(output.Name, out var memory) || memory.Length != output.Type.ByteCount(shape.ElementCount))
                throw new CaliperException($"The output '{output.Name}' needs memory for {output.Type} {shape}.");
            results[output.Name].Bytes.CopyTo(memory);
        }
    }

    public void Dispose()
    {
        foreach (var pin in _pins) pin.Dispose();
        _pins.Clear();
    }

    /// <summary>The tensor that is fed to an input.</summary>
    public static Tensor Find(Value input, IReadOnlyDictionary<string, Tensor> inputs)
    {
        if (inputs.GetValueOrDefault(input.Name) is not { } tensor) throw MissingInput.Error(input.Name, inputs);
        return tensor.Type == input.Type && tensor.Shape == input.Shape!.Value ? tensor
            : throw new CaliperException($"The model's input '{input.Name}' wants {input.Type} {input.Shape}, but was fed {tensor}.");
    }
}
