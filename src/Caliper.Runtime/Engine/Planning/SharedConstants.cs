using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Kernels;

namespace Caliper.Engine.Planning;

/// <summary>Large constants, such as tables of embeddings, which all plans of a model read at one place.</summary>
internal static class SharedConstants
{
    // What is smaller costs less to copy than to look up.
    private const int FewestBytes = 4096;

    /// <summary>Whether a constant is worth it.</summary>
    public static bool Takes(EngineValue value) => value.Constant!.Bytes.Length >= FewestBytes;

    /// <summary>Gives the storages in <see cref="Storage.Shared"/> their addresses.</summary>
    public static unsafe void Place(EngineGraph graph, KernelResources resources)
    {
        foreach (var value in graph.Operations.SelectMany(o => o.Inputs).Where(v => v.Constant is not null))
        {
            if (value.Layout.Storage is not { Slot: Storage.Shared } storage) continue;
            var bytes = value.Constant!.Bytes;
            var buffer = resources.Model.Once(value.Constant, nameof(SharedConstants), Copy);
            if (storage.Size > buffer.Length) throw new CaliperException($"The constant '{value.Name}' is shorter than its tensor.");
            storage.Start = (nint)buffer.Start;

            NativeBuffer Copy()
            {
                var copy = resources.Model.Own(new NativeBuffer(bytes.Length));
                bytes.Span.CopyTo(copy.Span<byte>());
                return copy;
            }
        }
    }
}
