using System.Buffers;
using Caliper.Graphs;

namespace Caliper.Engine.Running;

/// <summary>Feeds a session from tensors by name.</summary>
internal static unsafe class TensorBinding
{
    /// <summary>Runs into new memory.</summary>
    public static IReadOnlyDictionary<string, Tensor> Run(Int8Session session, IReadOnlyDictionary<string, Tensor> inputs)
    {
        var memory = session.Outputs.ToDictionary(o => o.Name, o =>
            new byte[o.Type.ByteCount(o.Shape!.Value.ElementCount)].AsMemory(), StringComparer.Ordinal);
        Run(session, inputs, memory);
        return session.Outputs.ToDictionary(o => o.Name, o => new Tensor(o.Type, o.Shape!.Value, memory[o.Name]), StringComparer.Ordinal);
    }

    /// <summary>Runs into the caller's memory.</summary>
    public static void Run(Int8Session session, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Memory<byte>> outputs,
        Action<int>? after = null)
    {
        var pins = new List<MemoryHandle>(session.Inputs.Length + session.Outputs.Length);
        try
        {
            foreach (var input in session.Inputs) pins.Add(Find(input, inputs).Bytes.Pin());
            foreach (var output in session.Outputs)
            {
                if (!outputs.TryGetValue(output.Name, out var memory) || memory.Length != output.Type.ByteCount(output.Shape!.Value.ElementCount))
                    throw new CaliperException($"The output '{output.Name}' needs memory for {output.Type} {output.Shape}.");
                pins.Add(memory.Pin());
            }
            session.RunRaw([.. pins.Select(p => (nint)p.Pointer)], after);
        }
        finally
        {
            foreach (var pin in pins) pin.Dispose();
        }
    }

    private static Tensor Find(Value input, IReadOnlyDictionary<string, Tensor> inputs)
    {
        if (!inputs.TryGetValue(input.Name, out var tensor)) throw new CaliperException($"The model's input '{input.Name}' was not fed.");
        return tensor.Type == input.Type && tensor.Shape == input.Shape!.Value ? tensor
            : throw new CaliperException($"The model's input '{input.Name}' wants {input.Type} {input.Shape}, but was fed {tensor}.");
    }
}
