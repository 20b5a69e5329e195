work() {
  mawk '{ for (i = 1; i <= NF; i++) count[$i]++ }
    END { for (word in count) { kinds++; total += count[word] } print kinds, total }' $DATA/text
}
