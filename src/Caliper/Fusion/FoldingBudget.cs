using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>
/// How much may be computed in advance. A constant that is no larger than what it is made of replaces it, whatever its size:
/// weights that are transposed. One that is larger makes the file bigger and saves little, and a few bytes of a file can ask
/// for gigabytes of it.
/// </summary>
internal sealed class FoldingBudget
{
    /// <summary>A result that has grown and is kept has at most so many elements.</summary>
    public const long MostKeptElements = 1 << 20;

    /// <summary>A result that has grown and is only read on the way has at most so many.</summary>
    private const long MostPassingElements = 1 << 24;

    /// <summary>All results that have grown and are kept take at most so many bytes.</summary>
    private const long MostKeptBytes = 256L << 20;

    /// <summary>What is read and made at a time takes at most so many bytes.</summary>
    private const long MostBytesAtOnce = 1L << 30;

    /// <summary>A network that fills more than this from constants alone is refused: whoever runs it must.</summary>
    private const long MostBytesAtAll = 2L << 30;

    /// <summary>Of any other operator whose result's shape is not known, its inputs have at most so many elements together.</summary>
    private const long MostUnknownElements = 1 << 10;

    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private long _keptBytes;

    /// <summary>Begins a round of nodes that are computed together.</summary>
    public RoundOfNodes Round(Graph graph) => new(this, graph);

    /// <summary>The nodes that are computed together.</summary>
    public sealed class RoundOfNodes(FoldingBudget budget, Graph graph)
    {
        private readonly Dictionary<string, long> _elements = new(StringComparer.Ordinal);
        private readonly HashSet<string> _read = new(StringComparer.Ordinal);
        private long _bytes;

        /// <summary>Whether a node reads constants, or what this round makes, and may be computed; where it may, it counts.</summary>
        /// <exception cref="CaliperException">It would fill more than anyone who runs the network can be asked for.</exception>
        public bool Takes(Node node)
        {
            var inputs = node.Reads().Select(ElementsOf).ToArray();
            if (!inputs.All(i => i is not null)) return false;
            // What the file itself holds is not made of anything smaller.
            var isHeld = node.Is("Constant");
            var read = inputs.Sum(i => i!.Value);
            var made = new List<(string Name, long Elements, long Bytes)>();
            foreach (var output in node.Outputs.Where(o => o.Length > 0))
            {
                if (SizeOf(node, output, read) is not { } elements) return false;
                var type = graph.Find(output)?.Type ?? ElementType.Undefined;
                var bytes = elements * Math.Max(1, type == ElementType.Undefined ? sizeof(long) : type.BitsPerElement() / 8);
                if (bytes > MostBytesAtAll) throw TooLarge(node, elements, bytes);
                if (!isHeld && elements > Math.Max(read, MostPassingElements)) return false;
                made.Add((output, elements, bytes));
            }
            var reads = node.Reads().Where(r => graph.Constant(r) is not null && !_read.Contains(r)).Distinct().ToArray();
            var more = made.Sum(m => m.Bytes) + reads.Sum(r => (long)graph.Constant(r)!.Bytes.Length);
            if (_bytes + more > MostBytesAtOnce) return false;
            _bytes += more;
            _read.UnionWith(reads);
            foreach (var (name, elements, _) in made) _elements[name] = elements;
            return true;
        }

        /// <summary>Whether a result may stay as a constant.</summary>
        public bool MayKeep(Node node, string output)
        {
            var elements = _elements[output];
            var mostRead = node.Reads().Select(r => ElementsOf(r) ?? 0).DefaultIfEmpty().Max();
            if (node.Is("Constant") || elements <= mostRead || budget._kept.Contains(output)) return true;
            var bytes = elements * sizeof(float);
            if (elements > MostKeptElements || budget._keptBytes + bytes > MostKeptBytes) return false;
            budget._keptBytes += bytes;
            return budget._kept.Add(output);
        }

        private long? ElementsOf(string value) => graph.Constant(value) is { } constant ? constant.Shape.ElementCount
            : _elements.TryGetValue(value, out var made) ? made : null;

        /// <summary>How many elements a result has at most; null where nobody knows.</summary>
        private long? SizeOf(Node node, string output, long read)
        {
            if (graph.Find(output)?.Shape is { IsStatic: true } shape) return Count(shape);
            if (node.Is("Range")) return CountOfRange(node);
            var entry = OperatorCatalogue.Find(node);
            // Of each element that is selected a place has a number for each axis.
            if (entry is { Selects: true }) return read * Math.Max(1, graph.Find(node.Input(0))?.Shape?.Rank ?? 8);
            return entry is { IsSizedByNumbers: true } || read > MostUnknownElements ? null : MostKeptElements;
        }

        private long? CountOfRange(Node node)
        {
            var ends = Enumerable.Range(0, 3).Select(i => graph.Constant(node.Input(i)) is { Count: 1 } value ? Number(value) : null).ToArray();
            if (ends is not [{ } start, { } limit, { } step]) return null;
            var count = Math.Ceiling((limit - start) / step);
            return count is > 0 and < long.MaxValue / 16 ? (long)count : count <= 0 ? 0 : null;
        }

        private static double? Number(Tensor value) => value.Type switch
        {
            ElementType.Float32 => value.Span<float>()[0],
            ElementType.Float64 => value.Span<double>()[0],
            ElementType.Int64 => value.Span<long>()[0],
            ElementType.Int32 => value.Span<int>()[0],
            ElementType.Int16 => value.Span<short>()[0],
            _ => null,
        };

        private static long Count(Shape shape)
        {
            var count = Int128.One;
            foreach (var dimension in shape.Dimensions)
            {
                if (dimension.Length == 0) return 0;
                count = Int128.Min(count * dimension.Length, long.MaxValue / 16);
            }
            return (long)count;
        }

        private static CaliperException TooLarge(Node node, long elements, long bytes) => new(FormattableString.Invariant(
            $"The node '{node.Name}' ({node.OpType}) makes {elements:N0} elements of constants alone, {bytes / 1e9:F1} GB, and Caliper runs ")
            + FormattableString.Invariant($"networks that make up to {MostBytesAtAll / 1e9:F1} GB so; export the model without it."));
    }
}
