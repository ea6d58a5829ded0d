using System.Numerics;
using Caliper.Statistics;
using CsCheck;

namespace Caliper.Tests.Statistics;

public class ExactSumTests
{
    // Sums and squares of floats: anything from 2^-298 to 2^256.
    private static readonly Gen<double> Term = Gen.Select(Gen.Double[-2, 2], Gen.Int[-290, 250], Math.ScaleB);

    [Fact]
    public void The_sum_is_the_true_one_rounded_once() => Term.Array[0, 30].Sample(terms =>
    {
        var sum = new ExactSum();
        foreach (var term in terms) sum.Add(term);
        return sum.ToDouble() == Rounded(terms);
    });

    [Fact]
    public void Order_and_grouping_do_not_matter() => Gen.Select(Term.Array[1, 30], Gen.Int[0, 30], Gen.Int).Sample((terms, cut, seed) =>
    {
        var whole = new ExactSum();
        foreach (var term in terms) whole.Add(term);
        var shuffled = terms.ToArray();
        new Random(seed).Shuffle(shuffled);
        var (head, tail) = (new ExactSum(), new ExactSum());
        foreach (var term in shuffled.Take(cut)) head.Add(term);
        foreach (var term in shuffled.Skip(cut)) tail.Add(term);
        tail.Add(head);
        return Bytes(tail).SequenceEqual(Bytes(whole));
    });

    [Fact]
    public void What_is_written_is_read_back() => Term.Array[0, 10].Sample(terms =>
    {
        var sum = new ExactSum();
        foreach (var term in terms) sum.Add(term);
        var read = ExactSum.Read(new BinaryReader(new MemoryStream(Bytes(sum))));
        return read.ToDouble() == sum.ToDouble() && Bytes(read).SequenceEqual(Bytes(sum));
    });

    [Fact]
    public void Large_terms_that_cancel_leave_the_small_one()
    {
        var sum = new ExactSum();
        foreach (var term in (double[])[1e70, 1, -1e70, 1e-80]) sum.Add(term);
        sum.Add(-1);
        Assert.Equal(1e-80, sum.ToDouble());
    }

    /// <summary>There is one for each channel of each tensor: hundreds of thousands of a large network.</summary>
    [Fact]
    public void A_sum_of_terms_of_one_size_takes_little_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = new ExactSum();
        for (var i = 0; i < 1000; i++) sum.Add(0.1 + i);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 250);
    }

    /// <summary>In exact fractions of two: every double is a whole number of 2^-1074.</summary>
    private static double Rounded(double[] terms)
    {
        var sum = terms.Aggregate(BigInteger.Zero, (all, term) => all + new BigInteger(Math.ScaleB(term, 320)));
        // The head keeps 64 bits and whether anything was below them, so that the last rounding is the only one.
        var drop = Math.Max(0, (int)BigInteger.Abs(sum).GetBitLength() - 62);
        var head = sum >> drop;
        if (head << drop != sum) head |= 1;
        return Math.ScaleB((double)(long)head, drop - 320);
    }

    private static byte[] Bytes(ExactSum sum)
    {
        var stream = new MemoryStream();
        sum.Write(new BinaryWriter(stream));
        return stream.ToArray();
    }
}
